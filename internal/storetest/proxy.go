package storetest

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Do is what a Proxy does to one connection when a statement passes.
type Do int

// What may be done.
const (
	Swallow Do = iota + 1 // the server gets the statement, the client never an answer
	Cut                   // the server does not get it, both ends are closed
	CutNext               // the server gets it; both ends are closed when it has answered
	Hole                  // nothing passes any more in either way, nothing is closed
	Warn                  // a warning is put before the server's answer
)

// The words of PostgreSQL's protocol that the proxy knows.
const (
	cancelCode = 80877102 // of a request to cancel, in place of a version
	warning    = "SWARNING\x00VWARNING\x00C01000\x00Mcanceling wait for synchronous replication due to user request\x00\x00"
)

// Proxy stands between a program and PostgreSQL on plain TCP, and spoils their
// talk as a test asks (security/fault-plan.md, "one TCP proxy").
type Proxy struct {
	Cancels atomic.Int64 // requests to cancel that came by

	target, address string

	mu     sync.Mutex
	listen net.Listener
	links  map[*link]bool
	rules  []*rule
}

type rule struct {
	text string
	do   Do
}

// link is one connection through the proxy.
type link struct {
	client, server   net.Conn
	mute, hole, warn atomic.Bool
	cut              atomic.Bool
}

// NewProxy starts a proxy before the server of base. It gives the URL that goes
// through it.
func NewProxy(t testing.TB, base string) (*Proxy, string) {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{target: u.Host, address: "127.0.0.1:0", links: map[*link]bool{}}
	p.Start(t)
	t.Cleanup(p.Stop)
	u.Host = p.address
	return p, u.String()
}

// Start takes connections, on the address of before.
func (p *Proxy) Start(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.listen, p.address = l, l.Addr().String()
	p.mu.Unlock()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
}

// Stop refuses new connections and cuts all others: the server is gone.
func (p *Proxy) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listen.Close()
	for l := range p.links {
		l.close()
	}
}

// On does something once, at the next statement that contains text. fired tells
// whether that has happened.
func (p *Proxy) On(text string, do Do) (fired func() bool) {
	r := &rule{strings.ToLower(text), do}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = append(p.rules, r)
	return func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, x := range p.rules {
			if x == r {
				return false
			}
		}
		return true
	}
}

// take gives what to do at the statement, and forgets it.
func (p *Proxy) take(statement string) Do {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, r := range p.rules {
		if strings.Contains(strings.ToLower(statement), r.text) {
			p.rules = append(p.rules[:i:i], p.rules[i+1:]...)
			return r.do
		}
	}
	return 0
}

func (p *Proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	l := &link{client: client, server: server}
	p.mu.Lock()
	p.links[l] = true
	p.mu.Unlock()
	go l.answers()
	p.questions(l)
	l.close()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// questions passes what the client says.
func (p *Proxy) questions(l *link) {
	first, err := message(l.client, 4) // the first message has no letter
	if err != nil {
		return
	}
	if len(first) >= 8 && binary.BigEndian.Uint32(first[4:]) == cancelCode {
		p.Cancels.Add(1)
	}
	for err == nil {
		if l.hole.Load() {
			_, _ = io.Copy(io.Discard, l.client)
			return
		}
		if _, err = l.server.Write(first); err != nil {
			return
		}
		if first, err = message(l.client, 5); err == nil && (first[0] == 'Q' || first[0] == 'P') && !l.obey(p.take(string(first[5:]))) {
			return
		}
	}
}

// obey says whether the connection lives on.
func (l *link) obey(do Do) bool {
	switch do {
	case Swallow:
		l.mute.Store(true)
	case Hole:
		l.mute.Store(true)
		l.hole.Store(true)
	case Warn:
		l.warn.Store(true)
	case CutNext:
		l.cut.Store(true)
	case Cut:
		return false
	}
	return true
}

// answers passes what the server says.
func (l *link) answers() {
	defer l.close()
	for {
		m, err := message(l.server, 5)
		if err != nil {
			return
		}
		if l.warn.Swap(false) {
			n := append([]byte("N\x00\x00\x00\x00"), warning...)
			binary.BigEndian.PutUint32(n[1:], uint32(len(n)-1))
			m = append(n, m...)
		}
		if l.cut.Load() {
			return
		}
		if l.mute.Load() {
			continue
		}
		if _, err := l.client.Write(m); err != nil {
			return
		}
	}
}

func (l *link) close() {
	l.client.Close()
	l.server.Close()
}

// message reads one message with its head of 4 bytes of length, after a letter
// when head is 5.
func message(r io.Reader, head int) ([]byte, error) {
	b := make([]byte, head)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	rest := make([]byte, int(binary.BigEndian.Uint32(b[head-4:]))-4)
	_, err := io.ReadFull(r, rest)
	return append(b, rest...), err
}
