//go:build !linux

package main

// yieldProcessor does nothing: elsewhere only whole processes have a priority.
func yieldProcessor() {}
