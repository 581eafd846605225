// Package store keeps everything that has to survive a restart in one bbolt
// file: what is known of each source, which items were seen, the articles with
// their verdicts, the stories and the threads.
//
// It decides nothing: it obeys a [news.Visit]. No transaction, bucket or byte
// slice crosses its border. One visit is one transaction, so whatever instant
// the process dies at, a visit is there whole or not at all.
//
// # Schema
//
// Version 3. Change this drawing together with a migration; a new JSON field
// with a good zero value needs none.
//
//	meta            version                      : uint64
//	                revision                     : uint64, grows with every write
//	                mark                         : random text, another after each write of articles, stories or threads
//	                setting:<name>               : text
//	polls           <source id>                  : news.Poll, in wire form
//	backlog         <source id>                  : news.Item, those still to be read; packed
//	seen            <item key>                   : digest, article id, time first seen; never deleted
//	ids             <article id>                 : time the article was first fetched
//	articles        <time><article id>           : articleState: bundle, story, verdicts
//	bundles         <number>                     : news.Article without state, those that arrived together
//	pruned          <number>                     : the same, without texts
//	stories         <story id>                   : storyDisk: news.Story, marks
//	threads         <thread id>                  : news.Thread
//	merged-stories  <story id>                   : id of the story it went into
//	merged-threads  <thread id>                  : id of the thread it went into
//	timeline        <mark><^time><story id>      : nothing
//	changes         <revision>                   : ids of the stories written, of the last revisions; may be missing
//
// Integers are big-endian. A time is 12 bytes whose byte order is the order in
// time; ^time is its complement, so that a walk forward goes back in time. An
// id in hexadecimal takes half its length. A mark is one reason to be on a
// timeline: on or near, topic, facet (none for the whole topic), with their
// lengths in front. keys.go has the encoders.
//
// Values drawn with a type are JSON, mostly packed by zstd where that is
// shorter; one that begins with "{" is not packed. Those in wire form (wire.go)
// may still be what versions before 3 wrote. bundle.go draws the bundles, which
// hold nearly all the bytes.
//
// The ids of articles are random, but they are kept in the order of their
// arrival: appending fills pages, and whatever walks the archive does so in
// one direction. What changes of an article, its verdicts and its story, stands
// apart from its body, so that judging the archive anew writes no text.
//
// A story's record repeats the marks by which it was put on the timeline, so
// that one function can take the old ones away whatever happened to its
// articles in between. [Store.Verify] recomputes them.
//
// # Beside the file
//
//	vedetta.db.holder  who has the file open; left behind by a crash, after
//	                   which the next start reads all pages before any
//	vedetta.db.notes   what visits that brought nothing learned of their sources
//	                   since the last transaction (notes.go)
//	vedetta.db.v1      the file as it was before its migration from version 1
//	vedetta.db.replaced-<time>
//	                   the file as it was before Restore
//	vedetta.db.compact, .restore, .snapshot-<number>
//	                   being written; what a killed command leaves behind is
//	                   removed by the next start
package store
