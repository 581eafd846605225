package fetcher

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestRepair(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"clean":              {`<rss><channel><title>a</title></channel></rss>`, `<rss><channel><title>a</title></channel></rss>`},
		"junk before":        {"\n\n<br />\n<b>Warning</b>: x in y\n<?xml version=\"1.0\"?><rss><channel></channel></rss>", `<rss><channel></channel></rss>`},
		"bare ampersand":     {`<rss><t>Fincantieri & Leonardo &co; &</t></rss>`, `<rss><t>Fincantieri &amp; Leonardo &amp;co; &amp;</t></rss>`},
		"named references":   {`<rss><t>perch&eacute;&nbsp;&lt;b&gt; &amp;egrave;</t></rss>`, "<rss><t>perché\u00a0&lt;b&gt; &amp;egrave;</t></rss>"},
		"numeric references": {`<rss><t>&#8217;&#x2019;&#0;&#8;&#146;&#60;</t></rss>`, "<rss><t>’’’&lt;</t></rss>"},
		"control characters": {"<rss><t>a\x00b\x0bc\x1f\ufffed</t></rss>", `<rss><t>abcd</t></rss>`},
		"stray less-than":    {`<rss><t>1 < 2 <3</t></rss>`, `<rss><t>1 &lt; 2 &lt;3</t></rss>`},
		"unclosed":           {`<rss><channel><d>uno<br>due<p>tre</d></channel></rss>`, `<rss><channel><d>uno<br/>due<p>tre</p></d></channel></rss>`},
		"stray end":          {`<rss><d>uno</p></d></rss>`, `<rss><d>uno</d></rss>`},
		"case of end":        {`<rss><pubDate>x</pubdate></rss>`, `<rss><pubDate>x</pubDate></rss>`},
		"attributes":         {`<rss a=1 a=2 b='"' c="x & <y>" d e = 'f'/>`, `<rss a="1" b="&quot;" c="x &amp; &lt;y>" d="" e="f"/>`},
		"doctype":            {`<!DOCTYPE rss [<!ENTITY a "b>"><!ENTITY c SYSTEM "file:///etc/passwd">]><rss><t>&a;&c;</t></rss>`, `<rss><t>&amp;a;&amp;c;</t></rss>`},
		"comment":            {`<rss><!-- a -- b --><?php echo ?><t/></rss>`, `<rss><t/></rss>`},
		"end of section":     {`<rss><t><![CDATA[a]]>b]]></t></rss>`, `<rss><t><![CDATA[a]]>b]]&gt;</t></rss>`},
		"end in pieces":      {"<rss><t>a]]<!-- b -->>&rsqb;]>&rsqb;&rsqb;\x01></t></rss>", `<rss><t>a]]&gt;]]&gt;]]&gt;</t></rss>`},
		"end by a control":   {"<rss><t><![CDATA[a]]\x01>b]]></t></rss>", `<rss><t><![CDATA[a]]]]><![CDATA[>b]]></t></rss>`},
		"cut in item":        {`<rss><channel><item><t>1</t></item><item><t>2`, `<rss><channel><item><t>1</t></item></channel></rss>`},
		"cut in tag":         {`<rss><channel><item><t>1</t></item><item><link href="ht`, `<rss><channel><item><t>1</t></item></channel></rss>`},
		"missing end":        {`<feed><entry><t>1</t></entry>`, `<feed><entry><t>1</t></entry></feed>`},
		"after the end":      {`<feed></feed><script>x</script><rss>`, `<feed></feed>`},
		"prefix":             {`<a:feed xmlns:a="x"><a:entry></a:entry></a:feed>`, `<a:feed xmlns:a="x"><a:entry></a:entry></a:feed>`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := repair([]byte(tt.in), "rss", "feed")
			if err != nil || string(got.text) != tt.want {
				t.Errorf("got  %q, %v\nwant %q", got.text, err, tt.want)
			}
			again, err := repair(got.text, "rss", "feed")
			if err != nil || string(again.text) != string(got.text) {
				t.Errorf("repaired again: %q, %v", again.text, err)
			}
		})
	}
}

func TestRepairRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"empty":    "",
		"text":     "non trovato",
		"page":     "<!DOCTYPE html><html><body><rss></rss></body></html>",
		"late":     strings.Repeat(" ", maxProlog) + "<rss></rss>",
		"too deep": "<rss>" + strings.Repeat("<a>", maxDepth+1),
	} {
		if _, err := repair([]byte(in), "rss", "feed"); !errors.Is(err, ErrNotFeed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRepair(f *testing.F) {
	for _, s := range []string{
		`<rss a='b'><channel><item><t>&amp;</t></item></channel></rss>`, `<rss><![CDATA[x]]`, `<rss><a <b>`, `<rss>&#x;</rss>`, `<rss x="&`, "<rss>]]>", "<rss xmlns:a=''><a:b/>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		text := toUTF8(in, "")
		got, err := repair(text, "rss", "feed")
		if err != nil {
			return
		}
		if len(got.text) > 2*len(text)+200_000 {
			t.Errorf("%d bytes became %d", len(text), len(got.text))
		}
		d := xml.NewDecoder(strings.NewReader(string(got.text)))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("%v in %q", err, got.text)
			}
		}
	})
}
