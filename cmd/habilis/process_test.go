package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"habilis/internal/app"
)

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "habilis-bin-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "habilis")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// readyIn is how soon a server that was killed must serve again.
const readyIn = 3 * time.Second

// process is the real program, serving.
type process struct {
	t    *testing.T
	args []string
	base string
	cmd  *exec.Cmd
	log  bytes.Buffer
	took time.Duration // from its start to /readyz
}

// program prepares a server on c, in development, on a free port of its own.
func program(t *testing.T, c app.Config, more ...string) *process {
	t.Helper()
	listen := freeAddress(t)
	args := append([]string{"serve", "--dev", "--data", c.Data, "--listen", listen}, more...)
	if c.Postgres() {
		args = append(args, "--database-url", c.DatabaseURL.Reveal())
	}
	return &process{t: t, args: args, base: "http://" + listen}
}

// freeAddress finds an address that stays free while the program is down: its port is
// below those that the kernel gives to outgoing connections, and to tools/postgres.sh.
func freeAddress(t *testing.T) string {
	t.Helper()
	const first, ports, tries = 10_000, 10_000, 50
	for range tries {
		address := fmt.Sprintf("127.0.0.1:%d", first+rand.IntN(ports))
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// launch starts the program.
func (p *process) launch() {
	p.t.Helper()
	bin, err := built()
	if err != nil {
		p.t.Fatal(err)
	}
	p.log.Reset()
	p.cmd = exec.Command(bin, p.args...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// start starts the program and waits until it is ready.
func (p *process) start() {
	p.t.Helper()
	began := time.Now()
	p.launch()
	for !p.ready() {
		if p.cmd.Process.Signal(syscall.Signal(0)) != nil || time.Since(began) > 10*readyIn {
			p.kill()
			p.t.Fatalf("not ready after %s:\n%s", time.Since(began), p.log.String())
		}
		time.Sleep(2 * time.Millisecond)
	}
	p.took = time.Since(began)
}

func (p *process) ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+"/readyz", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// stop asks the program to end, as an operator does.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("it did not end well: %v\n%s", err, p.log.String())
	}
}
