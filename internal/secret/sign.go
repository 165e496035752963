package secret

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Uses of Sign in this program. A use is part of what is signed: a signature made for one
// verifies for no other.
const (
	UseReview     = "review.file"  // the file that an access review leaves, its core
	UseReviewPage = "review.page"  // the same, to be printed
	UseExit       = "privacy.exit" // the manifest of what an organisation takes with it
	useKeys       = "keys"         // the file of the public keys, by each of them
)

// signUse derives the seed of Ed25519 from a key of the ring.
const signUse = "sign"

// signFormat is the format of key files and of signature files.
const signFormat = 1

// MaxSignatureFile bounds, in bytes, a signature file or a file of public keys that is read: it
// comes from strangers.
const MaxSignatureFile = 1 << 20

// Refusals of a signature. Each says what does not hold.
var (
	ErrSignatureShape = errors.New("secret: this is not a signature file of Habilis, or it was altered")
	ErrKeysShape      = errors.New("secret: this is not a file of public keys of Habilis, or it was altered")
	ErrSigner         = errors.New("secret: the file of public keys does not hold the key that signed")
	ErrSignature      = errors.New("secret: the signature is not of this file")
)

// Signature is an Ed25519 signature, with the key that made it.
type Signature struct {
	Key   KeyID
	Bytes []byte
}

// PublicKey is what anybody may hold of a key of the ring: it verifies, and opens nothing.
type PublicKey struct {
	ID      KeyID
	Key     ed25519.PublicKey
	Created time.Time
}

// printGroup is how many signs of a fingerprint stand together.
const printGroup = 4

// Fingerprint is the SHA-256 of a key, in groups that people compare: whoever has it from the
// installation itself knows its key.
func (p PublicKey) Fingerprint() string {
	sum := sha256.Sum256(p.Key)
	var groups []string
	for part := range slices.Chunk([]byte(hex.EncodeToString(sum[:])), printGroup) {
		groups = append(groups, string(part))
	}
	return strings.Join(groups, " ")
}

// SameFingerprint reports whether two texts are the same fingerprint, however it is grouped.
func SameFingerprint(a, b string) bool {
	bare := func(s string) string {
		return strings.ToLower(strings.NewReplacer(" ", "", ":", "", "-", "").Replace(s))
	}
	return bare(a) == bare(b) && len(bare(a)) == 2*sha256.Size
}

// Sign signs data for one use with the current key. The same data, use and key give the same
// signature.
func (r *Ring) Sign(use string, data []byte) Signature {
	return r.held.Load().current().sign(use, data)
}

// PublicKeys lists the public keys, from the oldest to the current one.
func (r *Ring) PublicKeys() []PublicKey {
	held := *r.held.Load()
	list := make([]PublicKey, len(held))
	for i, k := range held {
		list[i] = k.public()
	}
	return list
}

func (k key) private() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(k.derive(signUse)) }

func (k key) public() PublicKey {
	public, _ := k.private().Public().(ed25519.PublicKey) // Ed25519 has no other
	return PublicKey{ID: k.id, Key: public, Created: k.created}
}

func (k key) sign(use string, data []byte) Signature {
	return Signature{Key: k.id, Bytes: ed25519.Sign(k.private(), signed(use, data))}
}

// Verify reports whether a signature of that use and data was made with this key.
func (p PublicKey) Verify(use string, data []byte, s Signature) bool {
	return p.ID == s.Key && len(p.Key) == ed25519.PublicKeySize && ed25519.Verify(p.Key, signed(use, data), s.Bytes)
}

// signed is what is signed: the use, and what the data comes to.
func signed(use string, data []byte) []byte {
	sum := sha256.Sum256(data)
	return []byte("habilis/v1/signature\x00" + use + "\x00" + hex.EncodeToString(sum[:]))
}

// publicFile is the file of public keys. Each key signs all of it but the signatures: nothing
// of it can be altered, the keys that did not sign the file at hand included.
type publicFile struct {
	Format       int             `json:"format"`
	Installation string          `json:"installation"` // its address
	Keys         []publicKeyFile `json:"keys"`
	Signatures   []string        `json:"signatures"` // of each key, in their order
}

type publicKeyFile struct {
	ID      string    `json:"id"`
	Public  string    `json:"public"` // Ed25519, base64
	Created time.Time `json:"created"`
}

// PublicFile writes the file of public keys of an installation, named by its address. Whoever
// keeps it verifies, without the server, what the server signed.
func (r *Ring) PublicFile(installation string) []byte {
	held := *r.held.Load()
	file := publicFile{Format: signFormat, Installation: installation, Signatures: []string{}}
	for _, k := range held {
		p := k.public()
		file.Keys = append(file.Keys, publicKeyFile{ID: p.ID.String(), Public: encode64(p.Key), Created: p.Created})
	}
	body := canonical(file)
	for _, k := range held {
		file.Signatures = append(file.Signatures, encode64(k.sign(useKeys, body).Bytes))
	}
	return canonical(file)
}

// ReadPublicFile reads what PublicFile wrote, byte for byte. Errors: ErrKeysShape.
func ReadPublicFile(b []byte) (installation string, list []PublicKey, err error) {
	var file publicFile
	if len(b) > MaxSignatureFile || json.Unmarshal(b, &file) != nil || !bytes.Equal(canonical(file), b) ||
		file.Format != signFormat || len(file.Keys) == 0 || len(file.Keys) != len(file.Signatures) {
		return "", nil, ErrKeysShape
	}
	signatures := file.Signatures
	file.Signatures = []string{}
	body := canonical(file)
	for i, one := range file.Keys {
		p, err := one.key()
		by, wrong := base64.StdEncoding.Strict().DecodeString(signatures[i])
		if err != nil || wrong != nil || !p.Verify(useKeys, body, Signature{Key: p.ID, Bytes: by}) {
			return "", nil, ErrKeysShape
		}
		list = append(list, p)
	}
	return file.Installation, list, nil
}

func (f publicKeyFile) key() (PublicKey, error) {
	id, err := ParseKeyID(f.ID)
	if err != nil {
		return PublicKey{}, err
	}
	b, err := base64.StdEncoding.Strict().DecodeString(f.Public)
	if err != nil || len(b) != ed25519.PublicKeySize {
		return PublicKey{}, ErrKeysShape
	}
	return PublicKey{ID: id, Key: b, Created: f.Created}, nil
}

// signatureFile is a detached signature. All of it but the signature is signed with the data.
type signatureFile struct {
	Format    int       `json:"format"`
	Use       string    `json:"use"`
	At        time.Time `json:"at"`
	Key       string    `json:"key"`
	SHA256    string    `json:"sha256"` // of what was signed
	Signature string    `json:"signature"`
}

// SignatureFile signs data for one use and writes the detached signature. at is when what is
// signed was made; whoever gives the same gets the same file, while the key is the same.
func (r *Ring) SignatureFile(use string, data []byte, at time.Time) []byte {
	k := r.held.Load().current()
	sum := sha256.Sum256(data)
	file := signatureFile{
		Format: signFormat, Use: use, At: at.UTC().Truncate(time.Second), Key: k.id.String(), SHA256: hex.EncodeToString(sum[:]),
	}
	file.Signature = encode64(k.sign(use, canonical(file)).Bytes)
	return canonical(file)
}

// Detached is a signature file that was read; Verify says whether it holds.
type Detached struct {
	Use string
	At  time.Time
	Key KeyID

	file signatureFile
	by   []byte
}

// ReadSignatureFile reads what SignatureFile wrote, byte for byte. Errors: ErrSignatureShape.
func ReadSignatureFile(b []byte) (Detached, error) {
	var file signatureFile
	if len(b) > MaxSignatureFile || json.Unmarshal(b, &file) != nil || !bytes.Equal(canonical(file), b) || file.Format != signFormat {
		return Detached{}, ErrSignatureShape
	}
	id, err := ParseKeyID(file.Key)
	by, wrong := base64.StdEncoding.Strict().DecodeString(file.Signature)
	if err != nil || wrong != nil || len(by) != ed25519.SignatureSize {
		return Detached{}, ErrSignatureShape
	}
	return Detached{Use: file.Use, At: file.At, Key: id, file: file, by: by}, nil
}

// Verify says whether the signature is of data, by one of these keys. Errors: ErrSigner,
// ErrSignature.
func (d Detached) Verify(data []byte, list []PublicKey) error {
	sum := sha256.Sum256(data)
	if d.file.SHA256 != hex.EncodeToString(sum[:]) {
		return ErrSignature
	}
	body := d.file
	body.Signature = ""
	for _, p := range list {
		if p.ID != d.Key {
			continue
		}
		if !p.Verify(d.Use, canonical(body), Signature{Key: d.Key, Bytes: d.by}) {
			return ErrSignature
		}
		return nil
	}
	return fmt.Errorf("%w: %s", ErrSigner, d.Key)
}

func encode64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// canonical writes a file in its one form: other bytes of the same meaning are refused.
func canonical(v any) []byte {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic("secret: a signature: " + err.Error()) // strings, numbers and times always marshal
	}
	return append(b, '\n')
}
