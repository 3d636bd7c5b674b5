package image

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// packed returns the headers of a directory's layer by name.
func packed(t *testing.T, root string, changes bool) map[string]*tar.Header {
	t.Helper()
	var layer bytes.Buffer
	if err := writeLayer(&layer, root, changes); err != nil {
		t.Fatal(err)
	}
	headers := map[string]*tar.Header{}
	archive := tar.NewReader(&layer)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return headers
		}
		if err != nil {
			t.Fatal(err)
		}
		headers[header.Name] = header
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAFileWithTwoNamesIsStoredOnce(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a"))
	if err := os.Link(filepath.Join(root, "a"), filepath.Join(root, "b")); err != nil {
		t.Fatal(err)
	}
	second := packed(t, root, false)["b"]
	if second.Typeflag != tar.TypeLink || second.Linkname != "a" || second.Size != 0 {
		t.Errorf("b is %+v, not a link to a", second)
	}
}

func TestWhatAnOverlayRemovedIsMarkedInTheLayer(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "etc/kept"))
	removed := filepath.Join(root, "etc/removed")
	if err := unix.Mknod(removed, unix.S_IFCHR, 0); err != nil {
		t.Skipf("no device can be made here: %v", err)
	}
	headers := packed(t, root, true)
	if headers["etc/.wh.removed"] == nil || headers["etc/removed"] != nil {
		t.Errorf("the layer has %v", headers)
	}
}

func TestDeviceFilesOfTheBaseSystemAreLeftOut(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "dev/null"))
	headers := packed(t, root, false)
	if headers["dev/"] == nil || headers["dev/null"] != nil {
		t.Errorf("the layer has %v", headers)
	}
}
