//go:build !linux

package main

func forgetter() (forget func()) { return func() {} }
