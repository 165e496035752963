package directory

import (
	"context"

	"habilis/internal/store"
)

// Forget drops the answers of the national directory that are kept for a while and tell of
// somebody: what it publishes can be asked for again (AUD-4).
func Forget(ctx context.Context, tx *store.Tx, finds func(string) bool) (n int64, err error) {
	urls, err := store.All(ctx, tx, func(s store.Scan) (string, error) {
		var url string
		var body []byte
		if err := s(&url, &body); err != nil || !finds(url) && !finds(string(body)) {
			return "", err
		}
		return url, nil
	}, `select url, body from directory_cache order by url`)
	for _, url := range urls {
		if url == "" || err != nil {
			continue
		}
		var gone int64
		gone, err = tx.Exec(ctx, `delete from directory_cache where url = $1`, url)
		n += gone
	}
	return n, err
}
