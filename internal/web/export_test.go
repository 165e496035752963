package web

// Patterns are the routes of the pages, for the tests that visit all of them.
func (s *Server) Patterns() []string {
	var list []string
	for _, r := range s.routes() {
		list = append(list, r.pattern)
	}
	return list
}

// OurPage says whether a browser may be sent there after signing in (OP-07).
func (s *Server) OurPage(path string) bool { return s.isOurPage(path) }

// ParseRanges reads the hours of a day as people write them.
var ParseRanges = parseRanges
