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
// Version 1. Change this drawing together with a migration; a new JSON field
// with a good zero value needs none.
//
//	meta            version                      : uint64
//	                revision                     : uint64, grows with every write
//	dictionaries    <id uint32>                  : zstd dictionary that values name in their frame header
//	polls           <source id>                  : JSON news.Poll
//	seen            <item key>                   : digest, article id, time first seen; never deleted
//	ids             <article id>                 : time the article was first fetched
//	articles        <time><article id>           : news.Article without its texts
//	texts           <time><article id>           : text, HTML, earlier versions; dropped by Prune
//	stories         <story id>                   : news.Story and its marks
//	threads         <thread id>                  : news.Thread
//	merged-stories  <story id>                   : id of the story it went into
//	merged-threads  <thread id>                  : id of the thread it went into
//	timeline        <mark><^time><story id>      : nothing
//
// Integers are big-endian. A time is 12 bytes whose byte order is the order in
// time; ^time is its complement, so that a walk forward goes back in time. An
// id in hexadecimal takes half its length. A mark is one reason to be on a
// timeline: on or near, topic, facet (none for the whole topic), with their
// lengths in front. keys.go has the encoders.
//
// Values drawn with a type are JSON, compressed by zstd where that is shorter;
// a value that begins with "{" is not compressed.
//
// The ids of articles are random, but they are kept in the order of their
// arrival: appending fills pages, and whatever walks the archive does so in
// one direction. The texts stand apart because most readers do without, and
// because a new verdict then does not write the text again.
//
// A story's record repeats the marks by which it was put on the timeline, so
// that one function can take the old ones away whatever happened to its
// articles in between. [Store.Verify] recomputes them.
package store
