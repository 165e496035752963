// Command bench measures what Habilis promises, and says which promises hold:
//
//	make bench                       everything, on both engines (about 15 minutes)
//	make bench ARGS="-only idle"     one of: idle, pages, list, invitations, rights, directory
//
// Timings on a small machine are noisy: compare within one run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Promises (issue 1, "Must show" 6).
const (
	idleMiB  = 80                    // resident memory of a server that waits
	pageTime = 50 * time.Millisecond // p99 of any page of the demonstration
	rounds   = 200                   // of each page
	settle   = 5 * time.Second       // before memory is read
	password = "quatre-tilleuls-devant-la-gare"
)

func main() {
	only := flag.String("only", "", "measure only this: idle, pages, list, invitations, rights or directory")
	flag.Parse()
	ctx := context.Background()
	failed := 0
	for _, b := range []struct {
		name string
		run  func(context.Context) error
	}{{"idle", serverOf(idle)}, {"pages", serverOf(pages)}, {"list", list}, {"invitations", invitations}, {"rights", rights}, {"directory", annuaire}} {
		if *only != "" && *only != b.name {
			continue
		}
		fmt.Printf("== %s\n", b.name)
		if err := b.run(ctx); err != nil {
			failed++
			fmt.Printf("FAILED %s: %v\n", b.name, err)
		}
	}
	if failed > 0 {
		os.Exit(1)
	}
}

// list measures every page, filter and search of the member list at 10,000 and
// 100,000 members, on each engine; its limits stand beside the code.
func list(ctx context.Context) error {
	return goTest(ctx, "TestBenchList", "./internal/member")
}

// invitations measures 10,000 invitations in one request.
func invitations(ctx context.Context) error {
	return goTest(ctx, "TestBench", "./internal/enrolment")
}

// rights measures changes of 500 levels, and the matrix of 200 people by 60 agendas.
func rights(ctx context.Context) error {
	return goTest(ctx, "TestBenchLevels", "./internal/grant")
}

func goTest(ctx context.Context, run, pkg string) error {
	return command(ctx, "go", "test", "-mod=readonly", "-tags", "bench", "-count=1", "-timeout", "45m", "-v", "-run", run, pkg)
}

func command(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// server is the program, serving the demonstration.
type server struct {
	base string
	pid  int
}

// serverOf runs a measurement on a server of its own.
func serverOf(measure func(context.Context, server) error) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		dir, err := os.MkdirTemp("", "habilis-bench-")
		if err != nil {
			return err
		}
		defer func() { err = first(err, os.RemoveAll(dir)) }()
		bin := filepath.Join(dir, "habilis")
		if err := command(ctx, "go", "build", "-mod=readonly", "-trimpath", "-o", bin, "./cmd/habilis"); err != nil {
			return err
		}
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		const listen = "127.0.0.1:28987"
		cmd := exec.CommandContext(ctx, bin, "serve", "--demo", "--data", filepath.Join(dir, "data"), "--listen", listen, "--demo-password", password, "--log-level", "error")
		cmd.Stdout, cmd.Stderr = io.Discard, os.Stderr
		if err := cmd.Start(); err != nil {
			return err
		}
		defer func() { stop(); _ = cmd.Wait() }() // killed: it reports so
		s := server{base: "http://" + listen, pid: cmd.Process.Pid}
		if err := s.ready(ctx); err != nil {
			return err
		}
		return measure(ctx, s)
	}
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s server) ready(ctx context.Context) error {
	for range 600 {
		if status, err := get(ctx, &http.Client{}, s.base+"/readyz"); err == nil && status == http.StatusOK {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("not ready after a minute")
}

func get(ctx context.Context, c *http.Client, address string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// idle reads the resident memory of a server that has loaded the demonstration
// and waits.
func idle(_ context.Context, s server) error {
	time.Sleep(settle)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		rest, ok := strings.CutPrefix(line, "VmRSS:")
		if !ok {
			continue
		}
		kib, err := strconv.Atoi(strings.Fields(rest)[0])
		if err != nil {
			return err
		}
		fmt.Printf("resident memory of an idle server: %d MiB (limit %d)\n", kib/1024, idleMiB)
		if kib/1024 >= idleMiB {
			return errors.New("over the limit")
		}
		return nil
	}
	return errors.New("no VmRSS in /proc")
}

// pages measures the pages of an organisation of 600 members, through HTTP.
func pages(ctx context.Context, s server) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	client := &http.Client{Jar: jar}
	if err := signIn(ctx, client, s.base); err != nil {
		return err
	}
	var over []string
	for _, path := range []string{
		"home", "members", "members?size=500", "members?q=mar", "members?keyword=infirm", "members?sort=last_sign_in&dir=desc", "members?admin=1",
		"members?status=deactivated", "invitations", "sites", "settings",
	} {
		took, err := measure(ctx, client, s.base+"/o/saint-aubin/"+path)
		if err != nil {
			return err
		}
		p99 := took[len(took)*99/100]
		fmt.Printf("%-44s p50 %8s   p99 %8s\n", path, took[len(took)/2].Round(10*time.Microsecond), p99.Round(10*time.Microsecond))
		if p99 > pageTime {
			over = append(over, path)
		}
	}
	if len(over) > 0 {
		return fmt.Errorf("over %s: %s", pageTime, strings.Join(over, ", "))
	}
	return nil
}

func signIn(ctx context.Context, client *http.Client, base string) error {
	form := url.Values{"email": {"philippe.renaud@saint-aubin.example"}, "password": {password}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", base)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if !strings.Contains(resp.Request.URL.Path, "/o/saint-aubin/") {
		return fmt.Errorf("not signed in: %s at %s", resp.Status, resp.Request.URL.Path)
	}
	return nil
}

func measure(ctx context.Context, client *http.Client, address string) ([]time.Duration, error) {
	took := make([]time.Duration, rounds)
	for i := range took {
		began := time.Now()
		status, err := get(ctx, client, address)
		took[i] = time.Since(began)
		if err != nil || status != http.StatusOK {
			return nil, first(err, fmt.Errorf("%s: status %d", address, status))
		}
	}
	slices.Sort(took)
	return took, nil
}
