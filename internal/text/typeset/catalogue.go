package typeset

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Catalogue sets every text of a French JSON catalogue right. Keys, their order
// and the author's layout stay as they are; only the values that change are
// rewritten.
func Catalogue(src []byte) ([]byte, error) {
	if !json.Valid(src) {
		return nil, errors.New("not a JSON file")
	}
	var out bytes.Buffer
	for i := 0; i < len(src); {
		if src[i] != '"' {
			out.WriteByte(src[i])
			i++
			continue
		}
		literal := src[i : i+literalLength(src[i:])]
		i += len(literal)
		if isKey(src[i:]) {
			out.Write(literal)
			continue
		}
		fixed, err := fixLiteral(literal)
		if err != nil {
			return nil, err
		}
		out.Write(fixed)
	}
	return out.Bytes(), nil
}

// literalLength measures the JSON string that src, valid JSON, begins with.
func literalLength(src []byte) int {
	for i := 1; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(src)
}

// isKey tells whether a string is a key, from what follows it.
func isKey(rest []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte(":"))
}

func fixLiteral(literal []byte) ([]byte, error) {
	var s string
	if err := json.Unmarshal(literal, &s); err != nil {
		return nil, err
	}
	fixed := French(s)
	if fixed == s {
		return literal, nil
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(fixed); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}
