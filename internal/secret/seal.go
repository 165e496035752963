package secret

import (
	"crypto/rand"
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"
)

// AAD says where a sealed value lives. The value opens there and nowhere else:
// copied to another row or column, or to another organisation's row, it is
// refused (rules.md 21).
type AAD struct {
	Table  string
	Column string
	Tenant string // the organisation's id; empty for what belongs to none
	Row    string
}

// An envelope is: version (1 byte), key id (4), nonce (24), ciphertext and tag.
const (
	sealVersion  = 1
	headerBytes  = 1 + keyIDBytes
	minimumBytes = headerBytes + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
	sealUse      = "seal"
)

// SealOverhead is how many bytes an envelope has more than its plaintext.
const SealOverhead = minimumBytes

// ErrSealed means that an envelope does not open: damaged, forged, or moved from
// where it was sealed. It never says which.
var ErrSealed = errors.New("secret: the sealed value does not open here")

// Seal encrypts plaintext for its place with the current key. It panics when
// the place has no table, column or row: such a value would open anywhere.
func (r *Ring) Seal(aad AAD, plaintext []byte) []byte {
	if aad.Table == "" || aad.Column == "" || aad.Row == "" {
		panic("secret: Seal needs a table, a column and a row")
	}
	k := r.held.Load().current()
	envelope := make([]byte, headerBytes+chacha20poly1305.NonceSizeX, minimumBytes+len(plaintext))
	envelope[0] = sealVersion
	copy(envelope[1:], k.id[:])
	nonce := envelope[headerBytes:]
	_, _ = rand.Read(nonce)
	aead, err := chacha20poly1305.NewX(k.derive(sealUse))
	if err != nil {
		panic("secret: xchacha20: " + err.Error()) // only for a key of another length
	}
	return aead.Seal(envelope, nonce, plaintext, aad.bytes(envelope[:headerBytes]))
}

// Open decrypts what Seal made for the same place. Errors: ErrUnknownKey when
// the key ring lacks the key, ErrSealed for everything else.
func (r *Ring) Open(aad AAD, sealed []byte) ([]byte, error) {
	id, err := sealedBy(sealed)
	if err != nil {
		return nil, err
	}
	k, err := r.held.Load().find(id)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(k.derive(sealUse))
	if err != nil {
		return nil, ErrSealed
	}
	header, rest := sealed[:headerBytes], sealed[headerBytes:]
	nonce, ciphertext := rest[:chacha20poly1305.NonceSizeX], rest[chacha20poly1305.NonceSizeX:]
	plaintext, err := aead.Open(nil, nonce, ciphertext, aad.bytes(header))
	if err != nil {
		return nil, ErrSealed
	}
	return plaintext, nil
}

// Stale reports whether a value was sealed with another key than the current
// one, so that the rotation command can seal it again.
func (r *Ring) Stale(sealed []byte) bool {
	id, err := sealedBy(sealed)
	return err != nil || id != r.Current()
}

// sealedBy reads the key id of an envelope.
func sealedBy(sealed []byte) (KeyID, error) {
	if len(sealed) < minimumBytes || sealed[0] != sealVersion {
		return KeyID{}, ErrSealed
	}
	return KeyID(sealed[1:headerBytes]), nil
}

// bytes writes the header and the place without ambiguity: each part behind its
// length, so that ("ab", "c") and ("a", "bc") differ.
func (a AAD) bytes(header []byte) []byte {
	out := append([]byte(nil), header...)
	for _, part := range []string{a.Table, a.Column, a.Tenant, a.Row} {
		out = binary.AppendUvarint(out, uint64(len(part)))
		out = append(out, part...)
	}
	return out
}
