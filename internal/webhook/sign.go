package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
)

// The scheme of Standard Webhooks.
const (
	secretPrefix = "whsec_"
	signPrefix   = "v1,"

	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"
	contentType     = "application/cloudevents+json; charset=utf-8"
)

// newSecret makes the secret of an endpoint.
func newSecret() secret.Text {
	b := make([]byte, secretSize)
	rand.Read(b) // never fails
	return secret.NewText(secretPrefix + base64.StdEncoding.EncodeToString(b))
}

// sign signs a body under each of the secrets, the present one first.
func sign(secrets []secret.Text, id string, at time.Time, body []byte) (timestamp, signature string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	var all []string
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.Reveal(), secretPrefix))
		if err != nil {
			continue // newSecret wrote it: it is never otherwise
		}
		h := hmac.New(sha256.New, key)
		h.Write([]byte(id + "." + timestamp + "."))
		h.Write(body)
		all = append(all, signPrefix+base64.StdEncoding.EncodeToString(h.Sum(nil)))
	}
	return timestamp, strings.Join(all, " ")
}

// secretPlace binds a sealed secret to its row. Both columns hold it under one name: the
// secret of today is the one before of tomorrow.
func secretPlace(org ident.Org, id ident.Webhook) secret.AAD {
	return secret.AAD{Table: "webhook", Column: "secret", Tenant: org.String(), Row: id.String()}
}
