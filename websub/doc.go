// Package websub subscribes to the hubs that sources' feeds name (W3C WebSub),
// so that what is new comes by itself and a source need be asked but once a
// day.
//
// It is the subscriber's side only; package publish tells our own hub of our
// own feeds. It fetches nothing and reads no feed: requests to hubs go through
// the function that it is given, and what hubs send is handed on as it came,
// once its signature is good.
//
// A subscription lives as follows. A poll that finds a hub makes one, with a
// callback address and a secret that nobody else knows. [Subscriber.Run] asks
// the hub, which asks back at the callback whether we meant it; from then on
// it is alive until its lease ends, and is renewed before. It ends with the
// source, with the feed's naming of the hub, and when the hub denies it. A hub
// that was silent where a poll found news is not trusted for a week, then two,
// then four.
//
// Files: subscription.go what is kept of one and what it is worth,
// subscriber.go the set of them and its storage, run.go requests to hubs,
// callback.go requests of hubs.
package websub
