// Package prose reads running text: it finds the words and sentences of
// Italian and English and brings words to the forms in which they compare.
//
// It knows nothing of articles, topics or stories, keeps byte offsets exact
// (a span always cuts the very text that was given), and works in time linear
// in the text. Texts from the network are expected to be broken: invalid
// UTF-8, decomposed accents, soft hyphens and typed-by-hand accents (e', e`)
// are read as what they stand for.
package prose
