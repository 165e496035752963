package app

import "runtime/debug"

// Version is the version of the program (CHANGELOG.md).
const Version = "0.1.0"

// Revision is the commit the program was built from, when the build knew it.
func Revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
