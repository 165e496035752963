package directory

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"habilis/internal/fault"
)

// Refusals of what was given to load. They take File.
var (
	ErrUnreadable = fault.New(fault.Invalid, "directory.file_unreadable")
	ErrTwice      = fault.New(fault.Invalid, "directory.file_twice")
	ErrNoActivity = fault.New(fault.Invalid, "directory.no_activities")
)

// Bounds of what is opened.
const (
	peekBytes     = 1 << 20 // looked at before anything is read: the header, and the encoding
	maxZipFiles   = 20
	gzipRatio     = 12 // how much larger text of this kind is than its gzip
	maxFileBytes  = 64 << 30
	sniffBytes    = 4
	archiveMagic  = "PK\x03\x04"
	gzipMagic     = "\x1f\x8b"
	byteOrderMark = "\ufeff"
)

// source is one of the three files, in whatever it was packed.
type source struct {
	name  string // as reports say it
	bytes int64  // of text, exactly or about
	asOf  time.Time
	open  func() (io.ReadCloser, error)

	layout layout
	latin  bool
	read   atomic.Int64 // bytes of text so far
}

// sources opens what was given: texts, gzips, and zips of several. It reads their headers.
// Faults: ErrUnreadable, ErrEmptyFile, ErrUnknownLayout, ErrRestricted, ErrTwice, ErrNoActivity.
func sources(paths []string) ([]*source, error) {
	var out []*source
	kinds := map[string]bool{}
	for _, path := range paths {
		list, err := unpack(path)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if err := s.inspect(); err != nil {
				return nil, err
			}
			if kinds[s.layout.kind] {
				return nil, ErrTwice.With("File", s.name)
			}
			kinds[s.layout.kind] = true
			out = append(out, s)
		}
	}
	if !kinds[KindActivities] {
		return nil, ErrNoActivity
	}
	return out, nil
}

func unreadable(path string, err error) error {
	return ErrUnreadable.With("File", filepath.Base(path)).Because(err)
}

// unpack says what a file holds, by its first bytes.
func unpack(path string) ([]*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, unreadable(path, errors.Join(err, errors.New("not a regular file")))
	}
	head := make([]byte, sniffBytes)
	n, _, err := fill(f, head)
	if err != nil {
		return nil, unreadable(path, err)
	}
	switch head = head[:n]; {
	case string(head) == archiveMagic:
		return unpackZip(path)
	case bytes.HasPrefix(head, []byte(gzipMagic)):
		return []*source{{
			name: filepath.Base(path), bytes: info.Size() * gzipRatio, asOf: dateOf(path),
			open: func() (io.ReadCloser, error) { return openGzip(path) },
		}}, nil
	}
	return []*source{{
		name: filepath.Base(path), bytes: info.Size(), asOf: dateOf(path), open: func() (io.ReadCloser, error) { return os.Open(path) },
	}}, nil
}

func unpackZip(path string) ([]*source, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer z.Close() //nolint:errcheck // it was only read
	if len(z.File) > maxZipFiles {
		return nil, unreadable(path, fmt.Errorf("%d files in it", len(z.File)))
	}
	var out []*source
	for i, m := range z.File {
		if m.FileInfo().IsDir() || !strings.EqualFold(filepath.Ext(m.Name), ".txt") {
			continue
		}
		asOf := dateOf(m.Name)
		if asOf.IsZero() {
			asOf = dateOf(path)
		}
		out = append(out, &source{
			name: filepath.Base(path) + "/" + filepath.Base(m.Name), bytes: int64(min(m.UncompressedSize64, maxFileBytes)), asOf: asOf,
			open: func() (io.ReadCloser, error) { return openMember(path, i) },
		})
	}
	if len(out) == 0 {
		return nil, unreadable(path, errors.New("no .txt in it"))
	}
	return out, nil
}

// both closes what reads and what it reads from.
type both struct {
	io.Reader
	closers []io.Closer
}

func (b both) Close() (err error) {
	for _, c := range b.closers {
		err = errors.Join(err, c.Close())
	}
	return err
}

func openGzip(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bufio.NewReaderSize(f, peekBytes))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return both{z, []io.Closer{z, f}}, nil
}

func openMember(path string, i int) (io.ReadCloser, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	if i >= len(z.File) {
		return nil, errors.Join(errors.New("the file changed"), z.Close())
	}
	m, err := z.File[i].Open()
	if err != nil {
		return nil, errors.Join(err, z.Close())
	}
	return both{m, []io.Closer{m, z}}, nil
}

// stamp is the moment of an extraction in the name of its file, of Paris.
var stamp = regexp.MustCompile(`(?:^|[^0-9])(20[0-9]{6})([0-9]{4})?(?:[^0-9]|$)`)

// dateOf reads the moment in a file's name; zero when there is none.
func dateOf(path string) time.Time {
	m := stamp.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return time.Time{}
	}
	if m[2] == "" {
		m[2] = "0000"
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		paris = time.UTC
	}
	t, err := time.ParseInLocation("200601021504", m[1]+m[2], paris)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// inspect reads the header and tells the encoding.
func (s *source) inspect() error {
	r, err := s.open()
	if err != nil {
		return ErrUnreadable.With("File", s.name).Because(err)
	}
	defer r.Close()
	head := make([]byte, peekBytes)
	n, _, err := fill(r, head)
	if err != nil {
		return ErrUnreadable.With("File", s.name).Because(err)
	}
	head = head[:n]
	if len(bytes.TrimSpace(head)) == 0 {
		return ErrEmptyFile.With("File", s.name)
	}
	s.latin = isLatin(head)
	header, _, _ := bytes.Cut(head, newline)
	header = bytes.TrimSuffix(header, []byte{'\r'})
	s.layout, err = readLayout(s.decode(header[:min(len(header), MaxLineBytes)]))
	if err != nil {
		shown := []rune(s.decode(header))
		return fault.Of(err).With("File", s.name).With("Header", string(shown[:min(len(shown), shownHeader)]))
	}
	return nil
}

// shownHeader is how much of a header nobody knows is shown.
const shownHeader = 80

// isLatin tells Latin-1 from UTF-8 by the lines with accents: a broken line or two do not
// make another encoding. The header has accents, so that there is always one.
func isLatin(head []byte) bool {
	var valid, broken int
	for line := range bytes.Lines(head) {
		switch {
		case !utf8.Valid(line):
			broken++
		case utf8.RuneCount(line) < len(line):
			valid++
		}
	}
	return broken > valid
}

func (s *source) decode(line []byte) string {
	if s.latin {
		if wide, err := charmap.Windows1252.NewDecoder().Bytes(line); err == nil {
			line = wide
		}
	}
	return strings.TrimPrefix(strings.ToValidUTF8(string(line), "?"), byteOrderMark)
}

// each gives the chunks of the file after its header.
func (s *source) each(emit func(chunk) error) error {
	r, err := s.open()
	if err != nil {
		return ErrUnreadable.With("File", s.name).Because(err)
	}
	defer r.Close()
	lines := bufio.NewReaderSize(counted{io.LimitReader(r, maxFileBytes), &s.read}, chunkBytes)
	if err := skipLine(lines); err != nil {
		return ErrUnreadable.With("File", s.name).Because(err)
	}
	var failed error
	err = chunks(lines, 2, func(c chunk) error {
		failed = emit(c)
		return failed
	})
	if err != nil && failed == nil {
		return ErrUnreadable.With("File", s.name).Because(err)
	}
	return failed
}

// skipLine reads the header away.
func skipLine(r *bufio.Reader) error {
	for {
		_, err := r.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) {
				return nil // a header and nothing else
			}
			return err
		}
	}
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}
