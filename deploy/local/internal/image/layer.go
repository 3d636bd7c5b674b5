package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Names by which a layer says that something of the layers below it is gone.
const (
	whiteout       = ".wh."
	opaqueWhiteout = ".wh..wh..opq"
)

// packer writes a directory as a layer.
type packer struct {
	root    string
	archive *tar.Writer
	// links knows the first path of each file that has several.
	links map[uint64]string
	// changes says that the directory is the upper one of an overlay mount, where a character
	// device 0/0 stands for what was removed.
	changes bool
}

func writeLayer(target io.Writer, root string, changes bool) error {
	packer := &packer{root, tar.NewWriter(target), map[uint64]string{}, changes}
	if err := filepath.WalkDir(root, packer.add); err != nil {
		return fmt.Errorf("pack %s: %w", root, err)
	}
	return packer.archive.Close()
}

func (p *packer) add(path string, entry fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	name, err := filepath.Rel(p.root, path)
	if err != nil || name == "." {
		return err
	}
	// The runtime fills these itself; debootstrap's device files would only get in its way.
	if parent := filepath.Dir(name); parent == "dev" || parent == "proc" || parent == "sys" {
		return skip(entry)
	}
	info, err := entry.Info()
	if err != nil {
		return err
	}
	stat := info.Sys().(*syscall.Stat_t)
	switch {
	case p.changes && info.Mode()&fs.ModeCharDevice != 0 && stat.Rdev == 0:
		return p.mark(filepath.Join(filepath.Dir(name), whiteout+filepath.Base(name)))
	case info.Mode()&fs.ModeSocket != 0:
		return nil
	}
	return p.write(path, name, info, stat)
}

func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return filepath.SkipDir
	}
	return nil
}

// mark writes an empty file whose name says it all.
func (p *packer) mark(name string) error {
	return p.archive.WriteHeader(&tar.Header{
		Name: name, Typeflag: tar.TypeReg, Mode: 0o600, ModTime: time.Unix(0, 0),
	})
}

func (p *packer) write(path, name string, info fs.FileInfo, stat *syscall.Stat_t) error {
	header, err := p.header(path, name, info, stat)
	if err != nil {
		return err
	}
	if err := p.archive.WriteHeader(header); err != nil {
		return err
	}
	if info.IsDir() && p.changes && isOpaque(path) {
		return p.mark(filepath.Join(name, opaqueWhiteout))
	}
	if header.Typeflag != tar.TypeReg {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(p.archive, file)
	return err
}

func (p *packer) header(
	path, name string, info fs.FileInfo, stat *syscall.Stat_t,
) (*tar.Header, error) {
	target := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		var err error
		if target, err = os.Readlink(path); err != nil {
			return nil, err
		}
	}
	header, err := tar.FileInfoHeader(info, target)
	if err != nil {
		return nil, err
	}
	header.Name = name
	if info.IsDir() {
		header.Name += "/"
	}
	// The machine's own names for these numbers mean nothing in the image.
	header.Uname, header.Gname = "", ""
	header.AccessTime, header.ChangeTime = time.Time{}, time.Time{}
	if info.Mode().IsRegular() {
		p.linkTo(header, stat)
		addCapabilities(header, path)
	}
	return header, nil
}

// linkTo turns the second and later names of a file into links to the first.
func (p *packer) linkTo(header *tar.Header, stat *syscall.Stat_t) {
	if stat.Nlink < 2 {
		return
	}
	first, known := p.links[stat.Ino]
	if !known {
		p.links[stat.Ino] = header.Name
		return
	}
	header.Typeflag, header.Linkname, header.Size = tar.TypeLink, first, 0
}

func addCapabilities(header *tar.Header, path string) {
	value := make([]byte, 64)
	size, err := unix.Lgetxattr(path, "security.capability", value)
	if err != nil || header.Typeflag != tar.TypeReg {
		return
	}
	header.PAXRecords = map[string]string{"SCHILY.xattr.security.capability": string(value[:size])}
}

// isOpaque tells that an overlay's directory hides the one below it.
func isOpaque(path string) bool {
	value := make([]byte, 1)
	size, err := unix.Lgetxattr(path, "trusted.overlay.opaque", value)
	if errors.Is(err, unix.ENODATA) {
		return false
	}
	return err == nil && strings.HasPrefix(string(value[:size]), "y")
}
