// Package vedetta carries the configuration that ships with the program:
// known sources and the topic NATO–Japan–Italy.
package vedetta

import _ "embed"

// Feeds is the shipped feeds.yaml.
//
//go:embed feeds.yaml
var Feeds []byte
