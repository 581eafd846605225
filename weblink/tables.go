package weblink

import "strings"

// The tables are all lower case. A name belongs into tracking only if no site
// chooses its article by it: when in doubt, leave it out, since two addresses
// of one article are found by their text too, and two articles under one
// address are lost.

// trackingPrefixes begin the names of campaign parameters.
var trackingPrefixes = []string{
	"utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "itm_", "stm_", "hmb_", "trk_", "guce_", "ga_",
	"ns_", "at_", "_bta_", "fb_action_", "aspsessionid", "cx_", "oly_", "vero_", "wt.",
}

// tracking holds names of parameters that tell who sent the reader, and those
// of sessions.
var tracking = set(`
	fbclid gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid msclkid yclid ysclid twclid ttclid igshid igsh
	li_fat_id mc_cid mc_eid mkt_tok _hsenc _hsmi __hstc __hssc __hsfp hsctatracking rb_clickid s_cid s_kwcid wickedid
	rdt_cid tblci oborigurl dicbo epik srsltid _branch_match_id _branch_referrer fb_source fb_ref fb_comment_id fbadid
	mibextid sfnsn ssm __tn__ __xts__ __twitter_impression __s _ga _gl _ke _openstat _kx ved gs_l gws_rd sca_esv
	xtor xtref xtcr xtmc xt_ml xt_src cmpid cmp camp campaign_id campaignid adgroupid ncid ocid icid intcid smid smtyp sr_share
	guccounter ito wt_mc wt_zmc wtrid ftag ftcamp wpisrc wpmm tpcc mbid emc lctg trackingid tracking_source tracking
	spm scm algo_pvid refresh_ce refresh_ce-cp fromtop mlid rss_source feedtype feedname feature_source
	phpsessid jsessionid sessionid session_id cfid cftoken zenid
	replytocom like_comment shareadraft sharesource sharetype share_id share_source share_medium share_from
	referrer referer ref_src ref_url refsrc ref_type reflink
	newsletter_id nl_id nlid mailing_id email_id eid_hash usqp
	gift unlocked_article_code
`)

// trackingAt holds "host name" of parameters that are idle on one site only.
var trackingAt = setOf(
	"youtube.com feature", "youtube.com si", "youtube.com pp", "youtube.com ab_channel", "youtu.be si", "youtu.be feature",
	"x.com s", "x.com t", "twitter.com s", "twitter.com t", "t.me single", "linkedin.com trk", "linkedin.com rcm",
	"medium.com sk", "open.spotify.com si", "facebook.com rdid", "facebook.com ref",
)

// origins are names that carry the reader's way in when the value is one of
// channels, and may mean anything otherwise.
var origins = set(`source src from via origin medium channel partner mod share rss feed fonte provenienza social network campaign nb`)

// channels are the values of origins that name a way in.
var channels = set(`
	rss rss2 feed feeds feedly feedburner atom twitter tw x facebook fb linkedin whatsapp wa telegram tg instagram ig
	threads bluesky mastodon pinterest reddit pocket flipboard newsletter nl email e-mail mail social google googlenews
	google-news gnews news_google discover push notification app ios android share sharing homepage home hp amp web
	mobile 1 true yes si
`)

// trackingFragments are fragments that name a way in; few, since a fragment
// may also name a section of the page.
var trackingFragments = set(`rss rss2 feed hp homepage newsletter echobox`)

// variantHosts are the labels before the name of a site's other hosts.
var variantHosts = []string{"www.", "m.", "mobile.", "amp.", "www2.", "touch."}

// variantSegments end the path of an article's variant.
var variantSegments = set(`amp print stampa printable`)

// variantSuffixes end the last segment of a variant, before the extension.
var variantSuffixes = []string{".amp", "_amp", "_print", "_stampa", ".print"}

var pageExtensions = set(`.html .htm .shtml .php .aspx .asp .jsp`)

var indexPages = set(`index.html index.htm index.php index.shtml index.asp index.aspx index.jsp default.htm default.html default.asp default.aspx`)

// variantParams choose a variant, unless their value is a long number.
var variantParams = set(`amp print printable printpage stampa mobile tmpl noamp amp_js_v amp_gsa amp_tf usg _ampcache`)

// variantValues choose a variant by these values only.
var variantValues = map[string][]string{
	"outputtype": {"amp"},
	"output":     {"amp", "print"},
	"view":       {"amp", "print", "mobile", "stampa"},
	"mode":       {"amp", "print", "mobile"},
	"format":     {"amp", "print"},
	"layout":     {"print", "amp"},
	"type":       {"amp", "print"},
	"display":    {"print", "mobile"},
	"m":          {"0", "1"}, // Blogger
	"do":         {"print"},
	"action":     {"print"},
	"page":       {"", "print"},
}

// redirects are counting redirects, by host and path, with the names of the
// parameter that holds the address.
var redirects = map[string][]string{
	"google.com/url":              {"url", "q"},
	"google.it/url":               {"url", "q"},
	"l.facebook.com/l.php":        {"u"},
	"lm.facebook.com/l.php":       {"u"},
	"l.instagram.com/":            {"u"},
	"youtube.com/redirect":        {"q"},
	"out.reddit.com/":             {"url"},
	"linkedin.com/redir":          {"url"},
	"bing.com/news/apiclick.aspx": {"url"},
}

func set(words string) map[string]bool {
	return setOf(strings.Fields(words)...)
}

func setOf(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
