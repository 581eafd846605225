package extractor

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// pagesWithCode have styles and scripts in places where it matters what they
// are.
var pagesWithCode = []string{
	"<style>p{}</style><p>a", "<STYLE type=x>p{}</Style ><p>a", "<style>p{}", "<style/>p{}</style>a", "<style>a</styles></style>b",
	"<script>if (a<b) x()</script>b", "<script type='application/ld+json'>{}</script>", "<script>window.__A={}</script>", "<script>\"articleBody\"</script>",
	"<script><!-- x --></script>a", "<script><!-- <script>x</script> --></script>a", "<!-- <style> --><style>x</style>", "<!--><style>x</style>-->",
	"<div title='<style>'>a</div><style>x</style>", "<div title=<style>a</style>", "<p =a='<style>'>b</p><style>c</style>", "<p a= \"<style>\"/b>c<style>x</style>",
	"<title><style></title><style>x</style>", "<textarea><style>x</style></textarea>", "<noscript><style>x</style></noscript>a", "<plaintext><style>x</style>",
	"<svg><style>x</style></svg><style>y</style>", "<svg><style><b>x</b></style></svg>", "<svg><title>a</title><path d='x'/></svg><style>y</style>", "<svg><desc><p></svg><style>x</style>",
	"<svg><p><style>x</style>", "<svg/><style>x</style>", "<math><mi>a</mi></math><style>x</style>", "<select><style>x</style><option>a</select>", "<table><style>x</style><tr><td>a</table>",
	"<![CDATA[<style>x</style>]]>a", "</ <style>x</style>>a", "<?x <style>?>y</style>", "<!doctype html><style>x</style>", "<a href=x/><style>x</style>", "<style",
	"<xmp><style>x</style></xmp>", "<iframe><style>x</style></iframe>", "<template><style>x</style></template>", "<script>x</script", "<frameset><style>x</style>",
}

// TestTreeWithoutCode holds the tree of a page against that of html.Parse:
// nothing is missing but the texts of styles and idle scripts, and those are,
// whichever parser read the page.
func TestTreeWithoutCode(t *testing.T) {
	for _, a := range pagesWithCode {
		for _, b := range append(pagesWithCode, "", "</svg>", "</desc>") {
			sameButCode(t, []byte(a+b))
		}
	}
	files, err := filepath.Glob("testdata/pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		page := readFile(t, file)
		sameButCode(t, page)
		sameButCode(t, append(page, "<math><style>x</style></math>"...)) // for html.Parse
	}
}

func FuzzTreeWithoutCode(f *testing.F) {
	for _, s := range pagesWithCode {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, page []byte) { sameButCode(t, page) })
}

func sameButCode(t *testing.T, page []byte) {
	t.Helper()
	want, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return // too deep
	}
	tree := parse(page)
	defer tree.Release()
	if d := differs(want, tree.Root); d != "" {
		t.Fatalf("%q: %s", page, d)
	}
	for n := range tree.Root.Descendants() {
		if n.FirstChild != nil && n.Namespace == "" && (n.DataAtom == atom.Style || n.DataAtom == atom.Script && !keptScript(n, n.FirstChild.Data)) {
			t.Fatalf("%q: %q is left in a %s", page, n.FirstChild.Data, n.Data)
		}
	}
}

// differs says how two trees differ, but for texts that the layout does not
// read.
func differs(a, b *html.Node) string {
	if a.Type != b.Type || a.Data != b.Data || a.Namespace != b.Namespace || fmt.Sprint(a.Attr) != fmt.Sprint(b.Attr) {
		return fmt.Sprintf("%v %q %v is %v %q %v", a.Type, a.Data, a.Attr, b.Type, b.Data, b.Attr)
	}
	if a.FirstChild != nil && b.FirstChild == nil && a.Namespace == "" {
		text := a.FirstChild.Data
		if a.DataAtom == atom.Style || a.DataAtom == atom.Script && !keptScript(a, text) {
			return ""
		}
	}
	x, y := a.FirstChild, b.FirstChild
	for ; x != nil && y != nil; x, y = x.NextSibling, y.NextSibling {
		if d := differs(x, y); d != "" {
			return d
		}
	}
	if x != nil || y != nil {
		return fmt.Sprintf("%q has other children", a.Data)
	}
	return ""
}

// keptScript reports whether the walker keeps a script.
func keptScript(n *html.Node, text string) bool {
	w := &walker{l: &layout{}}
	w.script(n)
	return len(w.l.head.jsonld)+len(w.l.head.data) > 0 || strings.Contains(text, "articleBody")
}
