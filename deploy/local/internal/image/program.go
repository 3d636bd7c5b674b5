package image

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"tenantry.dev/tenantry-node/internal/names"
)

// BuildProgram makes an image of one of our programs: the image `runtime` and a layer with the
// program. The same program gives the same digest.
func (b *Builder) BuildProgram(ctx context.Context, program string) (Built, error) {
	runtime, err := b.BuildAll(ctx, []string{"runtime"})
	if err != nil {
		return Built{}, err
	}
	name := filepath.Base(program)
	work := filepath.Join(b.Cache, "images", name+".partial")
	if err := os.RemoveAll(work); err != nil {
		return Built{}, err
	}
	digest, err := packProgram(layout(work), layout(runtime["runtime"].Layout), program)
	if err != nil {
		return Built{}, fmt.Errorf("make the image of %s: %w", program, err)
	}
	directory := filepath.Join(b.Cache, "images", name)
	if err := os.RemoveAll(directory); err != nil {
		return Built{}, err
	}
	return Built{directory, names.Repository + name, digest}, os.Rename(work, directory)
}

func packProgram(target, from layout, program string) (string, error) {
	manifest, _, err := from.manifest()
	if err != nil {
		return "", err
	}
	var base oci.Image
	if err := readJSON(from.blob(manifest.Config.Digest), &base); err != nil {
		return "", err
	}
	if err := target.linkLayers(from, manifest.Layers); err != nil {
		return "", err
	}
	name := filepath.Base(program)
	layer, err := target.addLayer(func(file io.Writer) error {
		return writeProgram(file, program, "usr/local/bin/"+name)
	})
	if err != nil {
		return "", err
	}
	config := base.Config
	config.Entrypoint = []string{"/usr/local/bin/" + name}
	finished, err := target.finish(config, append(manifest.Layers, layer), names.Repository+name, "latest")
	return finished.Digest.String(), err
}

// writeProgram leaves out times and owners: only the content may change the digest.
func writeProgram(target io.Writer, path, name string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	archive := tar.NewWriter(target)
	header := &tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o755, Size: info.Size()}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	if _, err := io.Copy(archive, file); err != nil {
		return err
	}
	return archive.Close()
}
