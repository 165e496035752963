package web

import (
	"net/http"

	"habilis/internal/session"
)

// Renewed puts the new token of a session into the browser's cookie, for the REST
// API when a signed-in browser calls it.
func (s *Server) Renewed(w http.ResponseWriter, _ *http.Request, o session.Opened) {
	s.setCookie(w, cookieSession, o.Token.Reveal(), 0)
}
