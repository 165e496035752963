package exchange

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// separators of the cells of a line, in the order of preference: the French one first.
const separators = ";\t,"

// readCSV reads a file of text: UTF-8 with or without its mark, UTF-16 with it, or else the
// Western one of Windows; cells parted by semicolons, tabs or commas.
func readCSV(b []byte) (*sheet, error) {
	s := &sheet{format: CSV}
	content, err := s.decode(b)
	if err != nil {
		return nil, err
	}
	separator, content := separatorOf(content)
	if crowded(content, separator) {
		return nil, ErrColumns.With("Max", int64(MaxColumns))
	}
	r := csv.NewReader(strings.NewReader(content))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator, -1, true
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if broken, is := errors.AsType[*csv.ParseError](err); is {
			return nil, ErrQuotes.With("Line", int64(broken.StartLine))
		}
		if err != nil {
			return nil, ErrUnreadable.Because(err)
		}
		line, _ := r.FieldPos(0)
		if err := s.take(line, cells); err != nil {
			return nil, err
		}
	}
	if len(s.rows) == 0 {
		return nil, ErrEmpty
	}
	return s, nil
}

// crowded reports whether a line has more cells than a sheet has columns, most of them empty:
// the reader would keep them all. What stands in quotes parts no cells, and ends no line.
func crowded(content string, separator rune) bool {
	cells, quoted := 0, false
	for _, c := range content {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			cells = 0
		case c == separator:
			cells++
			if cells > lastCell {
				return true
			}
		}
	}
	return false
}

// take keeps one line.
func (s *sheet) take(line int, cells []string) error {
	l := row{no: line}
	for i, c := range cells {
		if !l.put(i, c, "") {
			return ErrColumns.With("Max", int64(MaxColumns))
		}
	}
	return s.keep(l)
}

// decode gives the text of a file.
func (s *sheet) decode(b []byte) (string, error) {
	if bytes.HasPrefix(b, []byte("\xFF\xFE")) || bytes.HasPrefix(b, []byte("\xFE\xFF")) {
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(b)
		if err != nil {
			return "", ErrUnreadable.Because(err)
		}
		b = out
	}
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	if bytes.IndexByte(b, 0) >= 0 {
		return "", ErrFormat
	}
	if utf8.Valid(b) {
		return string(b), nil
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return "", ErrUnreadable.Because(err)
	}
	s.latin = true
	return string(out), nil
}

// separatorOf finds what parts the cells, by the first line outside quotes, or by the line
// that some spreadsheets write for it ("sep=;").
func separatorOf(content string) (separator rune, rest string) {
	content = strings.TrimLeft(content, "\r\n")
	first, after, _ := strings.Cut(content, "\n")
	if sep, named := strings.CutPrefix(strings.TrimRight(first, "\r"), "sep="); named && len(sep) == 1 && strings.Contains(separators, sep) {
		return rune(sep[0]), after
	}
	counts, quoted := map[rune]int{}, false
	for _, c := range first {
		switch {
		case c == '"':
			quoted = !quoted
		case !quoted:
			counts[c]++
		}
	}
	separator = rune(separators[0])
	for _, c := range separators {
		if counts[c] > counts[separator] {
			separator = c
		}
	}
	return separator, content
}
