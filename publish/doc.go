// Package publish serves stories as Atom, RSS, JSON Feed and HTML.
//
// It decides nothing about articles and stores nothing: it reads values
// through Reader, writes documents, and keeps the written documents in memory
// for as long as the store's revision stands. All that came from the network
// is escaped or sanitised once more on its way out.
//
// Routes, all GET and HEAD:
//
//	/                                    stories of a topic by day; ?topic= &facet= &month= &before= &lang=
//	/stories/{id}                        one story: text, evidence, copies, versions, thread
//	/stories/{id}/{article}              a copy held against the shown text
//	/threads/{id}                        stories on one event as a timeline
//	/sources                             sources and their health
//	/search                              stories by their words; ?q= &order= &page=
//	/search.atom, /search.json           the same as a feed, newest first, and for machines
//	/opensearch.xml                      how browsers search the site
//	/subscribe                           the feeds, for people
//	/feeds/{topic}.atom|.rss|.json       the topic's feed; ?limit=
//	/feeds/{topic}/{facet}.atom|…        one relation of the topic
//	/feeds/{topic}/near-misses.atom|…    what was off the topic, but not by much
//	/feeds/{topic}[/{facet}]/archive/{yyyy-mm}.atom   one month (RFC 5005)
//	/feeds.opml, /sources.opml           our feeds; the sources that are read
//	/sources.atom                        sources in trouble
//	/healthz, /readyz, /metrics          alive; fresh; Prometheus
//
// # Identity
//
// A story's entry is named urn:uuid: followed by the version 5 UUID (RFC 9562
// §5.5) of "story/" and Story.ID in the namespace idNamespace. A feed's id is
// that of "feed/", the topic's id and, after another slash, the facet's.
// Neither depends on the base URL or on anything in the database but the
// founding article's address, so both survive a move and a lost database.
//
// # Caching
//
// A document is built when it is first asked for after a commit, by one
// request while others for the same document wait. If it comes out as before,
// validators and compressed forms stay as they were. Pages also name days
// ("ieri"), so they are built anew after midnight.
package publish
