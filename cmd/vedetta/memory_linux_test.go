package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestUnwritten(t *testing.T) {
	const exe = "/usr/bin/ve detta"
	for line, want := range map[string][2]uintptr{
		"00400000-00e5f000 r-xp 00000000 fe:01 34 /usr/bin/ve detta\n":    {0x400000, 0xe5f000},
		"00e5f000-019a3000 r--p 00a5f000 fe:01 34 /usr/bin/ve detta\n":    {0xe5f000, 0x19a3000},
		"019a3000-01b70000 rw-p 015a3000 fe:01 34 /usr/bin/ve detta\n":    {},
		"7ff627a00000-7ff667a00000 r--s 00000000 fe:01 9 /var/lib/x.db\n": {},
		"7ff667a36000-7ff668000000 rw-p 00000000 00:00 0 \n":              {},
		"7ff6aeadd000-7ff6aeadf000 r-xp 00000000 00:00 0 [vdso]\n":        {},
		"g-h r-xp 00000000 fe:01 34 /usr/bin/ve detta\n":                  {},
		"": {},
	} {
		from, to, ok := unwritten(line, exe)
		if ok != (want != [2]uintptr{}) || ok && want != [2]uintptr{from, to} {
			t.Errorf("%q: %x, %x, %t", line, from, to, ok)
		}
	}
}

// What is not in memory is mapped again when it runs.
func TestProgramIsMappedAgain(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Skip("SKIPPED: the system does not tell what is mapped: ", err)
	}
	found := 0
	for line := range bytes.Lines(maps) {
		if _, _, ok := unwritten(string(line), exe); ok {
			found++
		}
	}
	if found == 0 {
		t.Errorf("nothing of %s is found in:\n%s", exe, maps)
	}
	for range 3 {
		forgetProgram()
		if s := strings.Repeat("vedetta ", 3); strings.Count(s, "detta") != 3 {
			t.Errorf("the program does not run as it did: %q", s)
		}
	}
}
