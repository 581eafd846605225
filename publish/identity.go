package publish

import "github.com/google/uuid"

// idNamespace is the fixed namespace of all our name-based UUIDs. It is never
// to change: readers know entries by them.
var idNamespace = uuid.MustParse("b03ff515-c69b-4d18-9ddf-d7a3c2616273")

func urn(name string) string {
	return "urn:uuid:" + uuid.NewSHA1(idNamespace, []byte(name)).String()
}

func storyURN(id string) string { return urn("story/" + id) }

// feedURN names a topic's feed, or one facet's; the formats of one feed share
// it, as they are the same feed.
func feedURN(topic, facet string) string {
	if facet == "" {
		return urn("feed/" + topic)
	}
	return urn("feed/" + topic + "/" + facet)
}
