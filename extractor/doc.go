// Package extractor turns a page into an article: its body as clean text and
// sanitised HTML, its title, authors, dates, language, site and lead image; or
// it refuses, with the reason why the page holds no article.
//
// Extraction is a pure function of page, rule and the item's title. Nothing is
// fetched, stored or logged here.
//
// # How the body is found
//
// The page is decoded, parsed once, and laid out in one walk as two flat
// arrays (layout.go): nodes in document order, each with the end of its
// subtree, and blocks, which are the runs of text that a reader sees as one
// paragraph, heading, list item or cell. All that follows is arithmetic on
// prefix sums over the blocks, so no subtree is ever walked again:
//
//  1. Parts of the page that say by tag, role, class or id that they are no
//     article (navigation, comments, related, newsletter, …) are set aside,
//     unless most of the page's prose is in them; so are the sections whose
//     headings say it, and lists of teasers, whatever they are called
//     (regions.go, prune.go). The words are data: traits.txt, phrases.txt.
//  2. Every element is a candidate. Its score is the sum of what its blocks
//     are worth — prose counts for, links against — raised by what the markup
//     says of it (choose.go). The source's selectors and the table of known
//     sites go before (rule.go, sites.go).
//  3. The standfirst before the winner is added. Blocks of the winner that are
//     no part of the text are dropped: teasers, calls, bylines, credits,
//     copies, tails (prune.go, phrases.go).
//  4. JSON-LD and the data that scripts carry (linked.go, script.go) confirm
//     the result or replace it where the body is not in the markup at all.
//  5. What remains is judged: enough prose, the right article, no wall
//     (refuse.go). A refusal carries its reason; the feed's text then serves.
//
// All of it takes time linear in the page, and the page is cut before its
// tree could take much memory (parse.go).
//
// Metadata come from JSON-LD, meta elements, microdata and the markup around
// the title, in this order of trust (meta.go, author.go, date.go).
package extractor
