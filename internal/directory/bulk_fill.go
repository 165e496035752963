package directory

import (
	"context"
	"sync"
)

// flushBytes is how much is written before the disk is asked to keep up: little enough that
// no other file's flush waits long behind it.
const flushBytes = 8 << 20

// job is a chunk to parse, and where its batch is awaited.
type job struct {
	chunk chunk
	done  chan *batch
}

// pump reads a file: one goroutine cuts it, several parse, and this one writes the batches
// in the order of the file.
func (w *work) pump(ctx context.Context, s *source, file *FileReport) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	n := parsers()
	jobs, order := make(chan job), make(chan chan *batch, n+1)
	for range n {
		p := &parser{layout: &s.layout, latin: s.latin, file: file, seen: map[labelKey]bool{}, folded: map[string][]string{}}
		working.Go(func() {
			for j := range jobs {
				j.done <- p.parse(j.chunk)
			}
		})
	}
	cut := make(chan error, 1)
	working.Go(func() {
		defer close(order)
		defer close(jobs)
		cut <- s.each(func(c chunk) error { return hand(ctx, c, jobs, order) })
	})
	for done := range order {
		select {
		case b := <-done:
			if err := w.take(ctx, b, file); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return <-cut
}

// hand gives a chunk to a parser, and its place in the order to the writer.
func hand(ctx context.Context, c chunk, jobs chan<- job, order chan<- chan *batch) error {
	j := job{c, make(chan *batch, 1)}
	select {
	case order <- j.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take writes a batch.
func (w *work) take(ctx context.Context, b *batch, file *FileReport) error {
	text := string(b.text)
	if err := w.copyLines(ctx, b, text); err != nil {
		return err
	}
	if err := w.copyLabels(ctx, b.labels); err != nil {
		return err
	}
	for _, r := range b.rejects {
		file.Reasons[r.Reason]++
		if err := w.rejects.add(r); err != nil {
			return err
		}
	}
	file.Lines += b.read
	file.Loaded += int64(len(b.lines))
	file.Rejected += int64(len(b.rejects))
	w.lines.Add(b.read)
	w.keepUp(int64(len(text)))
	if w.terms.full() {
		return w.copyTerms(ctx)
	}
	return nil
}

// copyLines writes lines, and notes their terms.
func (w *work) copyLines(ctx context.Context, b *batch, text string) error {
	at := 0
	row := make([]any, 4) //nolint:mnd // id, person, hash, body
	return w.b.Copy(ctx, w.table(tableLine), []string{"id", "person", "hash", "body"}, func(yield func([]any) bool) {
		for _, l := range b.lines {
			w.line++
			for _, s := range b.terms[at : at+l.terms] {
				w.terms.add(text[s.from:s.to], w.line)
			}
			at += l.terms
			row[0], row[1], row[2], row[3] = w.line, l.person, l.hash, text[l.body.from:l.body.to]
			if !yield(row) {
				return
			}
		}
	})
}

// copyLabels writes what codes are called, the first of each.
func (w *work) copyLabels(ctx context.Context, labels []codeLabel) error {
	var fresh []codeLabel
	for _, l := range labels {
		if !w.labels[l.labelKey] && len(w.labels) < maxLabels {
			w.labels[l.labelKey] = true
			fresh = append(fresh, l)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return w.b.Copy(ctx, w.table(tableLabel), []string{"kind", "code", "label"}, func(yield func([]any) bool) {
		for _, l := range fresh {
			if !yield([]any{l.kind, l.code, l.text}) {
				return
			}
		}
	})
}

// copyTerms writes the segment of terms in memory.
func (w *work) copyTerms(ctx context.Context) error {
	if err := w.b.Copy(ctx, w.table(tableTerm), []string{"term", "segment", "lines"}, w.terms.rows()); err != nil {
		return err
	}
	w.terms.next()
	return nil
}

// keepUp asks the disk, beside the work, to have what was written. That it failed is told
// by the flush at the end.
func (w *work) keepUp(bytes int64) {
	if w.flushed += bytes; w.flushed < flushBytes {
		return
	}
	w.flushed = 0
	w.flusher.Wait()
	w.flusher.Go(func() { _ = w.b.Flush() })
}
