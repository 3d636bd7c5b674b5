package image

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"tenantry.dev/tenantry-node/internal/names"
)

// Builder makes images from recipes, each once.
type Builder struct {
	Recipes string
	Cache   string
	// Mirror is the Debian archive to take packages from; this machine's own when it is empty.
	Mirror string
	// Report is told what begins.
	Report func(string)

	guard sync.Mutex
	locks map[string]*sync.Mutex
}

// Built is an image in the cache.
type Built struct {
	Layout     string `json:"layout"`
	Repository string `json:"repository"`
	Digest     string `json:"digest"`
}

func (b *Builder) directory(r *recipe) (string, error) {
	key, err := r.key()
	return filepath.Join(b.Cache, "images", r.name+"-"+key), err
}

// BuildAll makes the images at the same time, as far as they do not depend on each other.
func (b *Builder) BuildAll(ctx context.Context, wanted []string) (map[string]Built, error) {
	lock, err := lockFile(filepath.Join(b.Cache, "images.lock"))
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	var guard sync.Mutex
	built := map[string]Built{}
	for _, name := range wanted {
		all.Go(func() {
			image, err := b.buildNamed(ctx, name)
			if err != nil {
				cancel(fmt.Errorf("image %s: %w", name, err))
				return
			}
			guard.Lock()
			defer guard.Unlock()
			built[name] = image
		})
	}
	all.Wait()
	return built, context.Cause(ctx)
}

func (b *Builder) buildNamed(ctx context.Context, name string) (Built, error) {
	recipe, err := readRecipe(b.Recipes, name)
	if err != nil {
		return Built{}, err
	}
	directory, err := b.build(ctx, recipe)
	if err != nil {
		return Built{}, err
	}
	_, digest, err := layout(directory).manifest()
	return Built{directory, names.Repository + name, digest.String()}, err
}

// build returns the image's layout, which it makes unless the cache has it.
func (b *Builder) build(ctx context.Context, r *recipe) (string, error) {
	lock := b.lock(r.name)
	lock.Lock()
	defer lock.Unlock()
	directory, err := b.directory(r)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(directory, "index.json")); err == nil {
		return directory, nil
	}
	var lower string
	if r.from != nil {
		if lower, err = b.build(ctx, r.from); err != nil {
			return "", err
		}
	}
	b.Report(r.name)
	return directory, b.make(ctx, r, directory, lower)
}

// make works in a directory of another name until the image is complete.
func (b *Builder) make(ctx context.Context, r *recipe, directory, from string) error {
	work := directory + ".partial"
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	mirror, err := b.mirror(ctx)
	if err != nil {
		return err
	}
	changed, err := r.run(ctx, work, from, mirror)
	if err != nil {
		return err
	}
	if err := r.pack(layout(filepath.Join(work, "layout")), changed, from); err != nil {
		return err
	}
	return r.keep(work, directory)
}

func (b *Builder) mirror(ctx context.Context) (string, error) {
	b.guard.Lock()
	defer b.guard.Unlock()
	if b.Mirror == "" {
		found, err := findMirror(ctx)
		if err != nil {
			return "", err
		}
		b.Mirror = found
	}
	return b.Mirror, nil
}

func (r *recipe) run(ctx context.Context, work, from, mirror string) (string, error) {
	if r.Script == onHost {
		return r.runOnHost(ctx, work, mirror)
	}
	return r.runInChroot(ctx, work, filepath.Join(from, "root"), mirror)
}

// pack makes the layout of what the script left in `changed`.
func (r *recipe) pack(target layout, changed, from string) error {
	var layers []oci.Descriptor
	if r.from != nil && r.Subtree == "" {
		manifest, _, err := layout(from).manifest()
		if err != nil {
			return err
		}
		if err := target.linkLayers(layout(from), manifest.Layers); err != nil {
			return err
		}
		layers = manifest.Layers
	}
	layer, err := target.addLayer(func(file io.Writer) error {
		return writeLayer(file, filepath.Join(changed, r.Subtree), r.Script == inChroot)
	})
	if err != nil {
		return err
	}
	_, err = target.finish(r.Config, append(layers, layer), names.Repository+r.name, r.Tag)
	return err
}

// keep moves the finished layout to its place. The unpacked root is kept beside the blobs for the
// recipes that start from it.
func (r *recipe) keep(work, directory string) error {
	finished := filepath.Join(work, "layout")
	if r.Script == onHost {
		if err := os.Rename(filepath.Join(work, "root"), filepath.Join(finished, "root")); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(directory); err != nil {
		return err
	}
	if err := os.Rename(finished, directory); err != nil {
		return err
	}
	return os.RemoveAll(work)
}

func (b *Builder) lock(name string) *sync.Mutex {
	b.guard.Lock()
	defer b.guard.Unlock()
	if b.locks == nil {
		b.locks = map[string]*sync.Mutex{}
	}
	if b.locks[name] == nil {
		b.locks[name] = &sync.Mutex{}
	}
	return b.locks[name]
}

// lockFile waits until no other process holds the file.
func lockFile(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return file, syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
}
