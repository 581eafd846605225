// Package search finds stories in the archive by their words.
//
// The index is derived data beside the store: it may be deleted at any time,
// and is made anew from the archive when it is missing, damaged, of another
// version or of another archive. It holds no text, only where words stand. Its
// unit is the story, so that a text and its copies are found once.
//
// # Analysis
//
// [prose.Words] cuts a text into words and folds case and accents; [prose.Key]
// drops those that say nothing and takes the stem. A question takes each word
// in all forms of [prose.Keys]. Words that are dropped keep their place, so
// that "ministro della Difesa" can be asked for side by side.
//
// # Files
//
// A directory holds a manifest and segments. A segment is never changed: new
// stories make a new segment, a story that changed is marked as deleted in its
// old one, and when there are several of a size they are joined. The manifest
// names the segments that count, and what of the archive they hold; it is
// replaced as a whole after its segments are on the disk. So whatever instant
// the process dies at, the index is as it was after some batch, and says from
// where to go on.
//
// segment.go draws the segment. Nothing is mapped into memory: a question
// reads the lists of its words, a few hundred kilobytes for the most frequent
// in a hundred thousand articles, and between questions the index needs next
// to no memory.
package search
