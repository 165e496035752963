package store

import (
	"bufio"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// The rows of a backup are sealed in chunks (the STREAM construction): each has
// its number and whether it is the last in its nonce, so that a chunk changed,
// moved, repeated or left out is found, and so is a missing end.
const (
	sealKeyBytes = 32
	chunkBytes   = 64 << 10
)

func streamCipher(key []byte, header [sha256.Size]byte) (cipher.AEAD, error) {
	// The key depends on the header: another header does not open the rows.
	k, err := hkdf.Key(sha256.New, key, header[:], "habilis/v1/backup", chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	return chacha20poly1305.New(k)
}

// chunkNonce is the number of the chunk and the mark of the last one. The key
// serves one file, so no nonce is used twice.
func chunkNonce(n uint64, last bool) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSize)
	binary.BigEndian.PutUint64(nonce[3:], n)
	if last {
		nonce[chacha20poly1305.NonceSize-1] = 1
	}
	return nonce
}

type sealWriter struct {
	w    io.Writer
	aead cipher.AEAD
	n    uint64
	buf  []byte
}

func newSealWriter(w io.Writer, key []byte, header [sha256.Size]byte) (*sealWriter, error) {
	aead, err := streamCipher(key, header)
	return &sealWriter{w: w, aead: aead, buf: make([]byte, 0, chunkBytes)}, err
}

// Write keeps a full chunk back until more comes: the last one is written by Close.
func (s *sealWriter) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		if len(s.buf) == chunkBytes {
			if err := s.flush(false); err != nil {
				return 0, err
			}
		}
		n := min(chunkBytes-len(s.buf), len(p))
		s.buf, p = append(s.buf, p[:n]...), p[n:]
	}
	return written, nil
}

// Close writes the last chunk.
func (s *sealWriter) Close() error { return s.flush(true) }

func (s *sealWriter) flush(last bool) error {
	_, err := s.w.Write(s.aead.Seal(nil, chunkNonce(s.n, last), s.buf, nil))
	s.n, s.buf = s.n+1, s.buf[:0]
	return err
}

type sealReader struct {
	r    *bufio.Reader
	aead cipher.AEAD
	n    uint64
	open []byte // what is left of the chunk
	last bool
}

func newSealReader(r *bufio.Reader, key []byte, header [sha256.Size]byte) (*sealReader, error) {
	aead, err := streamCipher(key, header)
	return &sealReader{r: r, aead: aead}, err
}

// Read gives opened bytes; io.EOF comes only after the chunk marked as the last.
func (s *sealReader) Read(p []byte) (int, error) {
	for len(s.open) == 0 {
		if s.last {
			return 0, io.EOF
		}
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.open)
	s.open = s.open[n:]
	return n, nil
}

func (s *sealReader) next() error {
	sealed := make([]byte, chunkBytes+s.aead.Overhead())
	n, err := io.ReadFull(s.r, sealed)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.last = true
	case err != nil:
		return ErrDamaged
	default:
		_, err = s.r.Peek(1)
		s.last = errors.Is(err, io.EOF)
	}
	if s.open, err = s.aead.Open(sealed[:0], chunkNonce(s.n, s.last), sealed[:n], nil); err != nil {
		return ErrDamaged
	}
	s.n++
	return nil
}
