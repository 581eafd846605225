package config

import (
	"fmt"
	"maps"
	"net"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/andybalholm/cascadia"
	"golang.org/x/text/language"

	"vedetta/news"
)

// checker reports what the types cannot say, and fills in what is derived.
type checker struct {
	*report
	c *Config
}

func check(r *report, c *Config) {
	k := checker{r, c}
	k.server()
	k.polling()
	if k.c.Keep.Text < Duration(24*time.Hour) {
		k.fault("keep.text", "texts kept for less than a day", "write 400d; 36500d keeps them for good")
	}
	k.extract()
	k.stories()
	k.sources()
	k.topics()
	if len(c.Sources) == 0 && len(c.Topics) == 0 && len(r.faults) == 0 {
		k.fault("", "neither sources nor topics", "start with a line \"sources:\"")
	}
}

func (k checker) err(path string, err error) {
	msg, hint := explain(err)
	k.fault(path, msg, hint)
}

// web checks an address that may be missing, and returns nil if it is not good.
func (k checker) web(path, address string) *url.URL {
	if address == "" {
		return nil
	}
	u, err := webAddress(address)
	if err != nil {
		k.err(path, err)
		return nil
	}
	return u
}

func (k checker) server() {
	s := &k.c.Server
	host, port, err := net.SplitHostPort(s.Listen)
	n, numErr := strconv.Atoi(port)
	if err != nil || numErr != nil || n < 0 || n > 65535 || strings.ContainsAny(host, "/ @") {
		k.fault("server.listen", "not an address to listen at: "+quote(s.Listen), "write host:port, such as 127.0.0.1:8417 or :8417")
	}
	if s.BaseURL == "" {
		s.BaseURL = baseURL(s.Listen)
	} else if u := k.web("server.base_url", s.BaseURL); u != nil {
		if u.RawQuery != "" || u.Fragment != "" {
			k.fault("server.base_url", "address with a query or a fragment: "+quote(s.BaseURL), "write only scheme, host and path")
		}
		s.BaseURL = strings.TrimRight(s.BaseURL, "/")
	}
	if s.Language != "it" && s.Language != "en" {
		k.fault("server.language", "unknown language "+quote(s.Language), "pages are written in it or en")
	}
	if strings.TrimSpace(s.Title) == "" {
		k.fault("server.title", "empty title", "remove the line or write a title")
	}
	k.web("server.hub", s.Hub)
	if s.Static != "" && !filepath.IsAbs(s.Static) {
		k.fault("server.static", "not an absolute path: "+quote(s.Static), "write the directory from the root on, such as /srv/vedetta")
	}
}

func (k checker) polling() {
	p := &k.c.Poll
	if p.Timeout == 0 {
		k.fault("poll.timeout", "a request needs some time", "write 30s")
	}
	if p.Workers < 1 || p.Workers > 256 {
		k.fault("poll.workers", fmt.Sprintf("out of range: %d", p.Workers), "write a number from 1 to 256")
	}
	if p.Floor > p.Ceiling {
		k.fault("poll.floor", fmt.Sprintf("the floor %s is above the ceiling %s", p.Floor, p.Ceiling), "write less, or raise the ceiling")
	}
	if p.Ceiling == 0 {
		k.fault("poll.ceiling", "a ceiling of nothing", "write 24h")
	}
	if p.Contact != "" {
		k.contact(p.Contact)
	}
	for i, a := range p.Allow {
		if err := allowed(a); err != nil {
			k.err(fmt.Sprintf("poll.allow[%d]", i), err)
		}
	}
}

func (k checker) contact(s string) {
	const path, hint = "poll.contact", "write mailto:name@example.org or https://…"
	if address, ok := strings.CutPrefix(s, "mailto:"); ok {
		if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
			k.fault(path, "not a mail address: "+quote(address), hint)
		}
		return
	}
	if a, err := mail.ParseAddress(s); err == nil && a.Address == s {
		k.fault(path, "mail address without its scheme: "+quote(s), "write mailto:"+s)
		return
	}
	if _, err := webAddress(s); err != nil {
		k.fault(path, "not an address: "+quote(s), hint)
	}
}

var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// extract checks the rules by host. A rule is for the host and all below it,
// so "www." says nothing and goes.
func (k checker) extract() {
	sites := make(map[string]news.ExtractRule, len(k.c.Extract.Sites))
	hosts := first{}
	for _, host := range slices.Sorted(maps.Keys(k.c.Extract.Sites)) {
		rule, path := k.c.Extract.Sites[host], "extract.sites."+host
		if !hostName.MatchString(host) {
			k.fault(path, "not a host name: "+quote(host), "write the host alone, such as esempio.it")
		}
		if rule.FullText != "" {
			k.fault(path+".full_text", "full_text of a site", "write it at the sources, or as extract.full_text for all")
		}
		k.rule(path, rule)
		short := strings.TrimPrefix(host, "www.")
		if earlier, twice := hosts.repeats(short, path); twice {
			k.fault(path, "duplicate host "+quote(short), k.line(earlier))
		}
		sites[short] = rule
	}
	if len(sites) > 0 {
		k.c.Extract.Sites = sites
	}
}

func (k checker) rule(path string, r news.ExtractRule) {
	k.selector(path+".body", r.Body)
	k.selector(path+".title", r.Title)
	k.selector(path+".author", r.Author)
	k.selector(path+".date", r.Date)
	for i, s := range r.Remove {
		if s == "" {
			k.fault(fmt.Sprintf("%s.remove[%d]", path, i), "empty selector", "remove it")
		}
		k.selector(fmt.Sprintf("%s.remove[%d]", path, i), s)
	}
}

// selector checks a CSS selector that may be missing.
func (k checker) selector(path, s string) {
	if s == "" {
		return
	}
	// The parser recurses into :not( and :has(; a length keeps its stack small.
	if len(s) > 1000 {
		k.fault(path, "selector of more than 1000 characters", "name a class or an id instead")
		return
	}
	if _, err := cascadia.ParseGroup(s); err != nil {
		k.fault(path, "bad selector "+quote(s)+": "+err.Error(), "write CSS, such as \"article.card h2 a\"")
	}
}

// headerName is a token of RFC 9110 §5.6.2.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// request checks how a source is asked, and makes the path of its
// certificates absolute or relative to the working directory.
func (k checker) request(path string, r *news.RequestRule) {
	for name, value := range r.Headers {
		at := path + ".headers." + name
		if !headerName.MatchString(name) {
			k.fault(at, "not the name of a header: "+quote(name), "write letters, digits and hyphens")
		}
		if strings.ContainsFunc(value, unicode.IsControl) {
			k.fault(at, "header with a line break or control character", "write it on one line")
		}
	}
	for name, file := range r.HeaderFiles {
		at := path + ".header_files." + name
		if !headerName.MatchString(name) {
			k.fault(at, "not the name of a header: "+quote(name), "write letters, digits and hyphens")
		}
		if _, twice := r.Headers[name]; twice {
			k.fault(at, "header "+quote(name)+" stands in headers as well", "keep one of them")
		}
		if file == "" {
			k.fault(at, "a header without a file", "name the file that holds its value")
		}
		r.HeaderFiles[name] = k.secret(file)
	}
	if r.Proxy != "" {
		u, err := url.Parse(r.Proxy)
		if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) {
			k.fault(path+".proxy", "not the address of a proxy", "write http://host:port, https://… or socks5://…")
		}
	}
	if r.CA != "" && !filepath.IsAbs(r.CA) {
		r.CA = filepath.Join(filepath.Dir(k.file), r.CA)
	}
}

// secret is where the file with a secret is: systemd hands secrets/x, which the
// daemon may not read itself, over as the credential secrets_x.
func (k checker) secret(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		credential := filepath.Join(dir, strings.ReplaceAll(filepath.ToSlash(filepath.Clean(file)), "/", "_"))
		if _, err := os.Stat(credential); err == nil {
			return credential
		}
	}
	return filepath.Join(filepath.Dir(k.file), file)
}

// tag checks a language tag and returns its canonical form.
func (k checker) tag(path, s string) string {
	if s == "" {
		return ""
	}
	t, err := language.Parse(s)
	if err != nil || len(s) > 35 {
		k.fault(path, "unknown language "+quote(s), "write a tag such as it, en or ja")
		return s
	}
	return t.String()
}

func (k checker) stories() {
	seen := first{}
	for i, kind := range k.c.Stories.Prefer {
		path := fmt.Sprintf("stories.prefer[%d]", i)
		if _, twice := seen.repeats(string(kind), path); twice && kind != "" {
			k.fault(path, quote(string(kind))+" stands twice", "remove one")
		}
	}
	for _, list := range []struct {
		key    string
		groups [][]string
	}{{"apart", k.c.Stories.Apart}, {"together", k.c.Stories.Together}} {
		for i, group := range list.groups {
			path := fmt.Sprintf("stories.%s[%d]", list.key, i)
			if len(group) < 2 {
				k.fault(path, "a single article", "name at least two addresses")
			}
			for j, address := range group {
				item := fmt.Sprintf("%s[%d]", path, j)
				if address == "" {
					k.fault(item, "empty address", "remove it")
				}
				k.web(item, address)
			}
		}
	}
}

var identifier = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// id checks an identifier that is part of addresses and stored keys.
func (k checker) id(path, id string) {
	if !identifier.MatchString(id) || len(id) > 100 {
		hint := "write letters, digits, hyphens and underscores, 100 at most"
		if s := slug(id); s != "" && len(s) <= 100 {
			hint = "write " + s
		}
		k.fault(path, "not an identifier: "+quote(id), hint)
	}
}

// first remembers where each key was first given.
type first map[string]string

// repeats returns the earlier path under the key, or remembers this one.
func (f first) repeats(key, path string) (string, bool) {
	earlier, ok := f[key]
	if !ok {
		f[key] = path
	}
	return earlier, ok
}

// line is where a path stands, as a hint.
func (k checker) line(path string) string {
	return fmt.Sprintf("the first is on line %d", locate(k.at, path).line)
}

func (k checker) sources() {
	names, ids, addresses := first{}, first{}, first{}
	for i := range k.c.Sources {
		if k.full() {
			return
		}
		s, path := &k.c.Sources[i], fmt.Sprintf("sources[%d]", i)
		if s.Name = strings.TrimSpace(s.Name); s.Name == "" {
			k.missing(path, []string{"name"}, "a source without a name", "add a line \"name: …\"")
		} else if earlier, twice := names.repeats(strings.ToLower(s.Name), path+".name"); twice {
			k.fault(path+".name", "duplicate name "+quote(s.Name), k.line(earlier))
		} else {
			k.sourceID(path, s, ids)
		}
		if u := k.address(path, s); u != nil {
			if earlier, twice := addresses.repeats(sameAddress(u), path); twice {
				k.fault(path, "duplicate address "+quote(u.String()), k.line(earlier))
			}
			if s.Site == "" {
				s.Site = u.Scheme + "://" + u.Host + "/"
			}
		}
		k.web(path+".site", s.Site)
		s.Lang = k.tag(path+".lang", s.Lang)
		if s.Kind == "" {
			s.Kind = news.Outlet
		}
		for j, tag := range s.Tags {
			if strings.TrimSpace(tag) == "" {
				k.fault(fmt.Sprintf("%s.tags[%d]", path, j), "empty tag", "remove it")
			}
		}
		k.rule(path+".extract", s.Extract)
		k.request(path+".request", &s.Request)
		if s.Reason = strings.TrimSpace(s.Reason); s.Reason != "" && s.Enabled {
			k.fault(path+".reason", "a reason against a source that is polled", "add \"enabled: false\", or make the reason a comment")
		}
		if s.Extract.FullText == "" {
			s.Extract.FullText = k.c.Extract.FullText
		}
	}
}

func (k checker) sourceID(path string, s *Source, ids first) {
	at := path + ".id"
	if s.ID == "" {
		at = path + ".name"
		if s.ID = slug(s.Name); s.ID == "" || len(s.ID) > 100 {
			k.fault(at, "no identifier can be made of the name "+quote(s.Name), "add a line \"id: …\"")
			return
		}
	} else {
		k.id(at, s.ID)
	}
	if earlier, twice := ids.repeats(s.ID, at); twice {
		k.fault(at, "duplicate identifier "+quote(s.ID), k.line(earlier)+"; give one of them another \"id: …\"")
	}
}

// address checks where a source is read, and returns it when it is good.
func (k checker) address(path string, s *Source) *url.URL {
	var given []string
	var u *url.URL
	for _, a := range []struct{ key, address string }{{"url", s.URL}, {"page", s.Page}, {"sitemap", s.Sitemap}} {
		if a.address != "" {
			given = append(given, a.key)
			u = k.web(path+"."+a.key, a.address)
		}
	}
	switch {
	case len(given) == 0:
		k.missing(path, []string{"url", "page", "sitemap"}, "a source without an address", "add one of url (a feed), page (a list of articles) and sitemap")
	case len(given) > 1:
		k.fault(path, "more than one address: "+strings.Join(given, ", "), "keep one of url, page and sitemap")
		return nil
	}
	l := s.List
	switch {
	case s.Page != "" && l.Item == "":
		k.missing(path, []string{"list", "list.item"}, "a page without list.item", "add a line \"list: {item: article}\" with the selector of one article in the list")
	case s.Page == "" && l != (news.ListRule{}):
		k.fault(path+".list", "a list without a page", "write the address as page: …")
	}
	k.selector(path+".list.item", l.Item)
	k.selector(path+".list.link", l.Link)
	k.selector(path+".list.title", l.Title)
	k.selector(path+".list.date", l.Date)
	k.selector(path+".list.summary", l.Summary)
	return u
}
