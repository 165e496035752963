package web

import "strconv"

// version writes the version of an object into a form, so that a change of
// somebody else in between is seen (RAC-07).
func version(n int64) string { return strconv.FormatInt(n, 10) }

// parseVersion reads it back; what cannot be read is no version of anything.
func parseVersion(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
