package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestUnwritten(t *testing.T) {
	const exe = "/usr/bin/ve detta"
	clean := "Rss: 4 kB\nPrivate_Dirty: 0 kB\nAnonymous: 0 kB\nSwap: 0 kB\nVmFlags: rd mr mw me\n"
	written := strings.Replace(clean, "Anonymous: 0", "Anonymous: 4", 1)
	smaps := "00400000-00e5f000 r-xp 00000000 fe:01 34 /usr/bin/ve detta\n" + clean +
		"00e5f000-019a3000 r--p 00a5f000 fe:01 34 /usr/bin/ve detta\n" + clean +
		"019a3000-019a4000 r--p 015a3000 fe:01 34 /usr/bin/ve detta\n" + written + // relocated
		"019a4000-019a5000 r--p 015a4000 fe:01 34 /usr/bin/ve detta\n" + strings.Replace(clean, "Swap: 0", "Swap: 4", 1) +
		"019a5000-019a6000 r--p 015a5000 fe:01 34 /usr/bin/ve detta\n" + strings.Replace(clean, "Anonymous: 0 kB\n", "", 1) +
		"019a6000-01b70000 rw-p 015a6000 fe:01 34 /usr/bin/ve detta\n" + clean +
		"7ff627a00000-7ff667a00000 r--s 00000000 fe:01 9 /var/lib/x.db\n" + clean +
		"7ff667a36000-7ff668000000 rw-p 00000000 00:00 0 \n" + clean +
		"7ff6aeadd000-7ff6aeadf000 r-xp 00000000 00:00 0 [vdso]\n" + clean +
		"g-h r-xp 00000000 fe:01 34 /usr/bin/ve detta\n" + clean
	if got, want := unwritten(smaps, exe), []span{{0x400000, 0xe5f000}, {0xe5f000, 0x19a3000}}; !slices.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}

// What is not in memory is mapped again when it runs; also with -buildmode=pie,
// where the start writes to pages that cannot be written to afterwards.
func TestProgramIsMappedAgain(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip("SKIPPED: the system does not tell what is mapped: ", err)
	}
	if len(unwritten(string(smaps), exe)) == 0 {
		t.Errorf("nothing of %s is found in:\n%s", exe, smaps)
	}
	forget := forgetter()
	for range 3 {
		forget()
		if s := strings.Repeat("vedetta ", 3); strings.Count(s, "detta") != 3 {
			t.Errorf("the program does not run as it did: %q", s)
		}
	}
}
