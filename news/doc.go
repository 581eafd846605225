// Package news defines the values that flow through the pipeline: sources,
// items, pages, articles, verdicts, stories, and what one visit wants written.
//
// It imports the standard library only and does nothing: no network, no
// storage, no clock. Every stage imports it, and it is the only package of
// ours that the stages share besides the two leaves prose (words and
// sentences) and weblink (addresses).
//
// A value on its way:
//
//	Source ─fetcher─► Item ─fetcher─► Page ─extractor─► Extract
//	Item + Extract = Article ─topic─► Verdict ─story─► Story, Thread ─► Visit ─store
package news
