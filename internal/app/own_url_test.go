package app

import "testing"

// SEC-2: the demonstration is opened by a name, so that passkeys work in it; whoever says
// where to listen is taken at their word.
func TestOwnURL(t *testing.T) {
	for _, c := range []struct {
		demo              bool
		listen, listening string
		want              string
	}{
		{true, DefaultListen, DefaultListen, "http://localhost:8080"},
		{false, DefaultListen, DefaultListen, "http://127.0.0.1:8080"},
		{true, "127.0.0.1:0", "127.0.0.1:41233", "http://127.0.0.1:41233"},
		{true, "[::1]:9000", "[::1]:9000", "http://[::1]:9000"},
	} {
		if got := (Config{Demo: c.demo, Listen: c.listen}).ownURL(c.listening).String(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
