package passkeytest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// The flags of an authenticator's data (WebAuthn, 6.1).
const (
	present        = 0x01
	verified       = 0x04
	backupEligible = 0x08
	withCredential = 0x40
)

// The algorithms of COSE that the device can sign with.
const (
	ES256 = -7
	ES384 = -35
)

// Device is one authenticator in one browser.
type Device struct {
	Origin string // of the page that the browser shows
	RPID   string // what the device believes the server to be; empty: what the options say
	Alg    int    // of the keys it makes; zero: ES256

	NoVerify  bool   // it does not ask who holds it
	NoHandle  bool   // it does not say whose the passkey is
	Handle    []byte // whose it says the passkey is; nil: as it was made
	Challenge string // what it signs instead of the challenge it was given
	Synced    bool   // its keys may be copied to other devices of their person
	Crossed   bool   // the page is a frame of somebody else's

	keys []*Key
	next []byte
}

// Next chooses the name of the next passkey, as an attacker who knows one would.
func (d *Device) Next(id []byte) { d.next = id }

// Key is a passkey that the device holds.
type Key struct {
	ID     []byte
	Handle []byte
	Count  uint32 // of signatures; zero for a device that does not count
	rpID   string
	signer *ecdsa.PrivateKey
}

// New gives a device in a browser at an origin; its keys count their signatures.
func New(origin string) *Device { return &Device{Origin: origin} }

// Keys are the passkeys that the device holds, the oldest first.
func (d *Device) Keys() []*Key { return d.keys }

// options is what a page is given to make or to use a passkey.
type options struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		RPID      string `json:"rpId"` //nolint:tagliatelle // of WebAuthn
		RP        struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
		Allow   []descriptor `json:"allowCredentials"`   //nolint:tagliatelle // of WebAuthn
		Exclude []descriptor `json:"excludeCredentials"` //nolint:tagliatelle // of WebAuthn
	} `json:"publicKey"` //nolint:tagliatelle // of WebAuthn
}

type descriptor struct {
	ID string `json:"id"`
}

// idBytes is the length of the names that the device gives to its keys.
const idBytes = 32

var encoding = base64.RawURLEncoding

func read(t testing.TB, given []byte) options {
	t.Helper()
	var o options
	if err := json.Unmarshal(given, &o); err != nil {
		t.Fatalf("options %s: %v", given, err)
	}
	return o
}

// Create makes a passkey and gives what the browser answers. A device that holds one of
// those to exclude makes none, and gives nil.
func (d *Device) Create(t testing.TB, given []byte) []byte {
	t.Helper()
	o := read(t, given)
	for _, k := range d.keys {
		if named(o.PublicKey.Exclude, k.ID) {
			return nil
		}
	}
	k := &Key{ID: make([]byte, idBytes), Handle: decoded(t, o.PublicKey.User.ID), rpID: o.PublicKey.RP.ID, signer: d.newSigner(t)}
	_, _ = rand.Read(k.ID)
	if d.next != nil {
		k.ID, d.next = d.next, nil
	}
	d.keys = append(d.keys, k)
	var public bytes.Buffer
	public.Write(make([]byte, 16))                                 // an authenticator that does not say what it is
	_ = binary.Write(&public, binary.BigEndian, uint16(len(k.ID))) //nolint:gosec // idBytes, or what a test names
	public.Write(k.ID)
	public.Write(d.publicKey(t, k))
	object := map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": append(d.data(k, withCredential), public.Bytes()...)}
	return d.answer(t, k, map[string]any{
		"clientDataJSON": d.client(t, "webauthn.create", o), "attestationObject": encoded(cbor(t, object)),
	})
}

// Get uses a passkey, the last one made that the options allow, and gives what the browser
// answers; nil when the device has none.
func (d *Device) Get(t testing.TB, given []byte) []byte {
	t.Helper()
	o := read(t, given)
	var key *Key
	for _, k := range d.keys {
		if len(o.PublicKey.Allow) == 0 || named(o.PublicKey.Allow, k.ID) {
			key = k
		}
	}
	if key == nil {
		return nil
	}
	return d.Use(t, key, given)
}

// Use uses a passkey whatever the options allow.
func (d *Device) Use(t testing.TB, k *Key, given []byte) []byte {
	t.Helper()
	client := d.client(t, "webauthn.get", read(t, given))
	k.Count++
	data := d.data(k, 0)
	hash := sha256.Sum256(decoded(t, client))
	signed := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.signer, signed[:])
	if err != nil {
		t.Fatal(err)
	}
	response := map[string]any{"clientDataJSON": client, "authenticatorData": encoded(data), "signature": encoded(signature)}
	switch {
	case d.NoHandle:
	case d.Handle != nil:
		response["userHandle"] = encoded(d.Handle)
	default:
		response["userHandle"] = encoded(k.Handle)
	}
	return d.answer(t, k, response)
}

func (d *Device) client(t testing.TB, kind string, o options) string {
	t.Helper()
	challenge := o.PublicKey.Challenge
	if d.Challenge != "" {
		challenge = d.Challenge
	}
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.Origin, "crossOrigin": d.Crossed})
	if err != nil {
		t.Fatal(err)
	}
	return encoded(b)
}

// data is what the authenticator says of itself and of the person (WebAuthn, 6.1).
func (d *Device) data(k *Key, flags byte) []byte {
	id := k.rpID
	if d.RPID != "" {
		id = d.RPID
	}
	flags |= present
	if !d.NoVerify {
		flags |= verified
	}
	if d.Synced {
		flags |= backupEligible
	}
	sum := sha256.Sum256([]byte(id))
	return binary.BigEndian.AppendUint32(append(sum[:], flags), k.Count)
}

func (d *Device) answer(t testing.TB, k *Key, response map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{
		"id": encoded(k.ID), "rawId": encoded(k.ID), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (d *Device) newSigner(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	curve := elliptic.P256()
	if d.Alg == ES384 {
		curve = elliptic.P384()
	}
	signer, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// publicKey writes the key as COSE does: its type, its algorithm, its curve, its point.
func (d *Device) publicKey(t testing.TB, k *Key) []byte {
	t.Helper()
	point, err := k.signer.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	alg, curve := ES256, 1
	if d.Alg == ES384 {
		alg, curve = ES384, 2
	}
	x, y := point[1:1+len(point)/2], point[1+len(point)/2:]
	return cbor(t, map[int]any{1: 2, 3: alg, -1: curve, -2: x, -3: y})
}

func cbor(t testing.TB, v any) []byte {
	t.Helper()
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func named(list []descriptor, id []byte) bool {
	for _, d := range list {
		if d.ID == encoded(id) {
			return true
		}
	}
	return false
}

func encoded(b []byte) string { return encoding.EncodeToString(b) }

func decoded(t testing.TB, s string) []byte {
	t.Helper()
	b, err := encoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
