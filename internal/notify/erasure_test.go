package notify

import (
	"time"

	"habilis/internal/secret"
	"habilis/internal/text"
)

// erasureSamples are the letters about an erasure that was asked for in writing.
func erasureSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := aicha(lang)
	f := ErasureFacts{At: now, ActsAt: now.Add(7 * 24 * time.Hour), Link: secret.NewText("https://habilis.exemple.fr/erasure/stop/hk_jeton")}
	return map[string]func() (Letter, error){
		"erasure_asked":   func() (Letter, error) { return WriteErasureAsked(to, f) },
		"erasure_stopped": func() (Letter, error) { return WriteErasureStopped(to, now) },
	}
}
