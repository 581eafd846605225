// Package topic decides which topics an article is about, and why.
//
// It judges relations, not keywords: a relation holds when its two actors are
// tied together, by sentence, title and density, on a theme that the rule
// asks for, and when no third party and no foreign matter explains the article
// better. Rules are data (news.Topic); nothing here knows a country.
//
// A text goes through these steps, each in a file of its own:
//
//	document   title and text as sentences and words; tails that are no text
//	lexicon    one automaton over words finds the terms of all topics at once
//	mention    what a found term means here: case, homonyms, dates, owners, lists
//	measure    how the two actors of a relation stand to each other: features
//	weigh      features to a score between 0 and 1
//	verdict    score, evidence and reasons against
//
// It reads no configuration, stores nothing and has no clock. A Matcher is
// safe for concurrent use; the time for an article is linear in its length and
// does not depend on the number of terms.
package topic
