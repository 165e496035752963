package directory

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The demonstration directory: fictive people of the demonstration organisations and of
// their neighbourhood, in the form of the public files. Their numbers begin with 99700 and
// have the right key; some have two activities, some none, some are no health professionals
// (profession 99).
//
//go:embed sample/*.txt
var sample embed.FS

// LoadSample makes the demonstration directory the index of a place that has none; another
// one stays.
func LoadSample(ctx context.Context, p Place) (err error) {
	x, err := OpenIndex(p)
	if err != nil {
		return err
	}
	_, err = x.Loaded(ctx)
	if err := errors.Join(ignoring(err, ErrNotLoaded), x.Close()); err != nil {
		return err
	}
	if err == nil {
		return nil
	}
	dir, err := os.MkdirTemp(p.Folder, "sample-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	paths, err := unpackSample(dir)
	if err != nil {
		return err
	}
	_, err = Loader{Place: p, Rejects: filepath.Join(dir, rejectsFile)}.Load(ctx, paths)
	return err
}

func ignoring(err, harmless error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}

func unpackSample(dir string) (paths []string, err error) {
	err = fs.WalkDir(sample, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := sample.ReadFile(name)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.Base(name))
		paths = append(paths, path)
		return os.WriteFile(path, b, fileMode)
	})
	return paths, err
}
