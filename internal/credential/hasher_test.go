package credential

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"

	"habilis/internal/fault"
	"habilis/internal/secret"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const phrase = "le vélo rouge dort sous l’escalier"

func mustHash(t *testing.T, h *Hasher, pw string) string {
	t.Helper()
	encoded, err := h.Hash(t.Context(), secret.NewText(pw))
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func verify(t *testing.T, h *Hasher, encoded, pw string) bool {
	t.Helper()
	ok, err := h.Verify(t.Context(), encoded, secret.NewText(pw))
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// rules.md 3: argon2id m=19 MiB t=2 p=1, 16-byte salt, parameters in the hash,
// extra HMAC with a key kept outside the database.
func TestHashShape(t *testing.T) {
	ring := secret.NewRing(noon)
	h := NewHasher(ring)
	encoded := mustHash(t, h, phrase)
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1,keyid=") {
		t.Errorf("the hash is %s", encoded)
	}
	parts := strings.Split(encoded, "$")
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil || len(salt) != 16 {
		t.Errorf("the salt has %d bytes, %v", len(salt), err)
	}
	hash, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(hash) != 32 {
		t.Fatalf("the hash has %d bytes, %v", len(hash), err)
	}
	if bytes.Equal(argon2.IDKey([]byte(phrase), salt, 2, 19456, 1, 32), hash) {
		t.Error("no pepper: the table alone is enough to attack")
	}
	if mustHash(t, h, phrase) == encoded {
		t.Error("two hashes of one password are equal")
	}
	if !verify(t, h, encoded, phrase) || h.NeedsUpgrade(encoded) {
		t.Error("the password does not verify, or its fresh hash is called old")
	}
}

// PWD-07: only NFC is applied; everything else distinguishes two passwords.
func TestOnlyComposition(t *testing.T) {
	h := NewHasher(secret.NewRing(noon))
	long := strings.Repeat("a", 73)
	for _, c := range []struct {
		name, set, try string
		same           bool
	}{
		{"composed and decomposed", "été à la mer salée", "e\u0301te\u0301 a\u0300 la mer sale\u0301e", true},
		{"decomposed and composed", "e\u0301te\u0301 a\u0300 la mer sale\u0301e", "été à la mer salée", true},
		{"same prefix of 73 bytes", long + "x", long + "y", false},
		{"cut at 72 bytes", long, long[:72], false},
		{"NUL inside", "avant\x00apres-le-zero", "avant\x00autre-le-zero", false},
		{"cut at NUL", "avant\x00apres-le-zero", "avant", false},
		{"space after", phrase, phrase + " ", false},
		{"space before", phrase, " " + phrase, false},
		{"case", phrase, strings.ToUpper(phrase), false},
		{"accent", "été à la mer salée", "ete a la mer salee", false},
		{"compatibility form is not composed", "ﬁn de la journée", "fin de la journée", false},
		{"128 code points of four bytes", strings.Repeat("🜁", 128), strings.Repeat("🜁", 128), true},
		{"invalid UTF-8", "octets \xff invalides", "octets \xfe invalides", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := verify(t, h, mustHash(t, h, c.set), c.try); got != c.same {
				t.Errorf("match is %v", got)
			}
		})
	}
}

// PWD-07: over 128 code points refused before hashing, for every account alike.
func TestTooLongIsRefusedBeforeHashing(t *testing.T) {
	h := NewHasher(secret.NewRing(noon))
	encoded := mustHash(t, h, phrase)
	for range cap(h.slots) {
		h.slots <- struct{}{} // any hash would now wait
	}
	for _, pw := range []string{strings.Repeat("é", 129), strings.Repeat("e\u0301", 129), strings.Repeat("x", 100_000)} {
		text := secret.NewText(pw)
		start := time.Now()
		if _, err := h.Hash(t.Context(), text); !errors.Is(err, ErrPasswordTooLong) || fault.Of(err).Args["Max"] != 128 {
			t.Errorf("Hash: %v", err)
		}
		if ok, err := h.Verify(t.Context(), encoded, text); ok || err != nil {
			t.Errorf("Verify: %v, %v", ok, err)
		}
		if ok, err := h.Verify(t.Context(), "", text); ok || err != nil {
			t.Errorf("Verify without a hash: %v, %v", ok, err)
		}
		if err := h.VerifyNothing(t.Context(), text); err != nil {
			t.Errorf("VerifyNothing: %v", err)
		}
		if spent := time.Since(start); spent > hashQueue/2 {
			t.Errorf("%d bytes took %v", len(pw), spent)
		}
	}
}

// Every way to fail is a refusal, never a match.
func TestVerifyNeverMatchesByAccident(t *testing.T) {
	ring := secret.NewRing(noon)
	h := NewHasher(ring)
	good := mustHash(t, h, phrase)
	empty := good[:strings.LastIndex(good, "$")+1]
	for name, encoded := range map[string]string{
		"no password set": "", "text": "motdepasse", "empty hash": empty, "cut": good[:len(good)-2], "argon2i": strings.Replace(good, "argon2id", "argon2i", 1),
		"bcrypt": "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "two lines": good + "\n" + good, "other version": strings.Replace(good, "v=19", "v=16", 1),
		"memory of 1 GB": strings.Replace(good, "m=19456", "m=999999", 1), "no memory": strings.Replace(good, "m=19456", "m=0", 1), "no pass": strings.Replace(good, "t=2", "t=0", 1),
		"99 passes": strings.Replace(good, "t=2", "t=99", 1), "no lane": strings.Replace(good, "p=1", "p=0", 1),
	} {
		for _, pw := range []string{phrase, "", "motdepasse"} {
			ok, err := h.Verify(t.Context(), encoded, secret.NewText(pw))
			if ok {
				t.Errorf("%s matches %q", name, pw)
			}
			if encoded != "" && pw != "" && !errors.Is(err, errDamaged) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !h.NeedsUpgrade(encoded) {
			t.Errorf("%s is called up to date", name)
		}
	}
	if verify(t, h, good, "") || verify(t, h, good, phrase+"x") {
		t.Error("another password matches")
	}
	if _, err := h.Hash(t.Context(), secret.Text{}); err == nil {
		t.Error("an empty password is hashed")
	}
}

func TestPepperRotates(t *testing.T) {
	ring := secret.NewRing(noon)
	h := NewHasher(ring)
	before := mustHash(t, h, phrase)
	if err := ring.Rotate(noon); err != nil {
		t.Fatal(err)
	}
	if !verify(t, h, before, phrase) || !h.NeedsUpgrade(before) {
		t.Error("a hash under the older key must verify and be renewed")
	}
	if after := mustHash(t, h, phrase); h.NeedsUpgrade(after) || !verify(t, h, after, phrase) {
		t.Error("a hash under the new key must verify and be left alone")
	}
	stranger := NewHasher(secret.NewRing(noon))
	if ok, err := stranger.Verify(t.Context(), before, secret.NewText(phrase)); ok || !errors.Is(err, secret.ErrUnknownKey) {
		t.Errorf("without the key: %v, %v", ok, err)
	}
}

func TestWeakerCostIsRenewed(t *testing.T) {
	ring := secret.NewRing(noon)
	h := NewHasher(ring)
	p := phc{memory: 8 * 1024, time: 1, lanes: 1, key: ring.Current(), salt: make([]byte, saltBytes)}
	var err error
	if p.hash, err = h.compute(t.Context(), p, []byte(phrase), hashBytes); err != nil {
		t.Fatal(err)
	}
	if !verify(t, h, p.String(), phrase) || !h.NeedsUpgrade(p.String()) {
		t.Error("an older cost must verify and be renewed")
	}
}

// INJ-10: slots = cores, queue 2 s, then 503.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(secret.NewRing(noon))
		for range cap(h.slots) {
			h.slots <- struct{}{}
		}
		start := time.Now()
		_, err := h.Hash(t.Context(), secret.NewText(phrase))
		if !errors.Is(err, ErrBusy) || !fault.Is(err, fault.Unavailable) || fault.Of(err).Code != "credential.busy" || fault.Of(err).Wait <= 0 {
			t.Errorf("after the queue: %v", err)
		}
		if waited := time.Since(start); waited != 2*time.Second {
			t.Errorf("waited %v", waited)
		}
		for name, attempt := range map[string]func() error{
			"unknown account": func() error { return h.VerifyNothing(t.Context(), secret.NewText(phrase)) },
			"no password":     func() error { _, err := h.Verify(t.Context(), "", secret.NewText(phrase)); return err },
			"empty password":  func() error { _, err := h.Verify(t.Context(), "", secret.Text{}); return err },
		} {
			if err := attempt(); !errors.Is(err, ErrBusy) {
				t.Errorf("%s does not wait for a slot: %v", name, err)
			}
		}
		gone, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start = time.Now()
		if err := h.VerifyNothing(gone, secret.NewText(phrase)); !errors.Is(err, ErrBusy) || time.Since(start) != time.Second {
			t.Errorf("a request that left: %v after %v", err, time.Since(start))
		}
		time.AfterFunc(time.Second, func() { <-h.slots })
		if err := h.VerifyNothing(t.Context(), secret.NewText(phrase)); err != nil {
			t.Errorf("a slot freed in time: %v", err)
		}
		if len(h.slots) != cap(h.slots)-1 {
			t.Errorf("%d slots taken", len(h.slots))
		}
	})
}

// rules.md 3: same work for unknown user, empty password, disabled account.
func TestSameWork(t *testing.T) {
	h := NewHasher(secret.NewRing(noon))
	encoded := mustHash(t, h, phrase)
	pw, empty := secret.NewText(phrase), secret.Text{}
	fastest := func(attempt func()) time.Duration {
		best := time.Hour
		for range 6 {
			start := workTime(t, syscall.RUSAGE_SELF) // argon2 works in goroutines of its own
			attempt()
			best = min(best, workTime(t, syscall.RUSAGE_SELF)-start)
		}
		return best
	}
	known := fastest(func() { _, _ = h.Verify(t.Context(), encoded, pw) })
	for name, attempt := range map[string]func(){
		"wrong password":  func() { _, _ = h.Verify(t.Context(), encoded, secret.NewText("une autre phrase de passe")) },
		"empty password":  func() { _, _ = h.Verify(t.Context(), encoded, empty) },
		"unknown account": func() { _ = h.VerifyNothing(t.Context(), pw) },
		"no password set": func() { _, _ = h.Verify(t.Context(), "", pw) },
		"neither":         func() { _, _ = h.Verify(t.Context(), "", empty) },
		"damaged hash":    func() { _, _ = h.Verify(t.Context(), "$argon2id$", pw) },
	} {
		if spent := fastest(attempt); spent < known/2 || spent > known*2 {
			t.Errorf("%s takes %v, a right password %v", name, spent, known)
		}
	}
}

func TestTemporaryPassword(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		text := NewTemporaryPassword()
		pw := text.Reveal()
		if len(pw) != 24 || seen[pw] || strings.Trim(pw, temporaryAlphabet+"-") != "" || strings.ContainsAny(pw, "0o1il") {
			t.Fatalf("drawn: %q", pw)
		}
		seen[pw] = true
		if p := CheckPassword(text, MinPasswordAlone, nil); p.Code != "" {
			t.Errorf("%q is refused by our own policy: %s", pw, p.Code)
		}
	}
}
