// Package newsroom is an invented Italian press on loopback: outlets of the
// kinds that exist, with real feeds and pages, validators and faults, over
// some days of invented news. It is what the demo polls and what the
// end-to-end tests run against; it knows the truth about each article.
//
// It fetches, judges and stores nothing. Outlets, people, ships and events are
// made up; nothing in it is news.
//
// # Data
//
// An article is a file data/{outlet}/{slug}.md: header lines "key: value", an
// empty line, and the body as blocks separated by empty lines.
//
//	title:    headline
//	age:      how long before the start it was published (2d4h10m), or after it (+2m)
//	author:   by-line
//	section:  part of the paper
//	tags:     comma-separated
//	summary:  standfirst; the feed's description where the feed has no more
//	image:    name and caption, separated by |
//	facets:   what it is on topic for, comma-separated; empty when off topic
//	label:    borderline, where two careful readers could disagree
//	trap:     which way it could mislead a filter
//	copy:     group of articles that are one text
//	thread:   group of articles on one event
//	why:      the reason for the labels, or how a copy came about
//	of:       outlet/slug of the text that a copy is made from
//	replace:  "old => new" in what is taken from it; may be repeated
//	corrects: outlet/slug that this file changes at its age; it is no article itself
//
// A block is a paragraph, "## heading", "> quotation", lines "- item", lines
// "| cell | cell |", "(NAME)." for an agency's signature, which is no part of the
// text, "!name | caption | credit" for a picture, "@related slug" for a
// link to another article of the outlet inside the body, or "@take 1-3,5",
// optionally "cut 300", for paragraphs of the text named by of. Inside a
// paragraph **bold**, *italic* and [text](address) are known, and {giorno},
// {giorno:-1}, {Giorno:+1}, {data:-2}, {ildata:-2}, {mese}, {anno} name days relative to the
// day of publication, {giorno outlet/slug} to that of another article.
package newsroom
