package configs

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

// folderOf writes a configuration to the disk.
func folderOf(t *testing.T, files fstest.MapFS, dir string) {
	t.Helper()
	for name, file := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, file.Data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// watching is a folder that a holder watches.
type watching struct {
	*Holder
	t     *testing.T
	dir   string
	files fstest.MapFS
	after chan struct{} // filled after every reading
}

// watchFolder lays the base province out as lay does it, and watches it.
func watchFolder(t *testing.T, lay func(files fstest.MapFS, dir string)) *watching {
	t.Helper()
	w := &watching{t: t, dir: filepath.Join(t.TempDir(), "configs"), files: base(t), after: make(chan struct{}, 1)}
	lay(w.files, w.dir)
	var err error
	w.Holder, err = NewHolder(t.Context(), Options{Files: os.DirFS(w.dir), Log: slog.New(slog.DiscardHandler), After: func() {
		select {
		case w.after <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var watches sync.WaitGroup
	watches.Go(func() { Watch(ctx, w.dir, w.Holder) })
	t.Cleanup(func() { cancel(); watches.Wait() })
	return w
}

// step does something to the files and waits until a good change is in use, or
// a bad one is told and the old one still in use.
func (w *watching) step(name string, good bool, do func() error) {
	w.t.Helper()
	before := w.Now()
	if err := do(); err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for (len(w.Last().Faults) == 0) != good || good != (w.Now() != before) {
		select {
		case <-w.after:
		case <-limit.C:
			w.t.Fatalf("%s: in vain; the last reading says %+v", name, w.Last())
		}
	}
}

// text is a file's text as it was first.
func (w *watching) text(name string) string { return string(w.files[name].Data) }

func (w *watching) write(name, text string) func() error {
	return func() error { return os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600) }
}

func TestWatchFollowsWhatEditorsDo(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, func(files fstest.MapFS, dir string) { folderOf(t, files, dir) })
	queues := filepath.Join(w.dir, queuesName)
	text := w.text(queuesName)
	w.step("written in place", true, w.write(queuesName, "# 一\n"+text))
	w.step("emptied", false, w.write(queuesName, ""))
	w.step("written again", true, w.write(queuesName, "# 二\n"+text))
	w.step("half written", false, w.write(queuesName, text[:len(text)/2]))
	w.step("replaced by another", true, func() error {
		return errors.Join(w.write(queuesName+"~", "# 换\n"+text)(), os.Rename(queues+"~", queues))
	})
	w.step("removed", false, func() error { return os.Remove(queues) })
	w.step("made again", true, w.write(queuesName, "# 三\n"+text))
	w.step("a folder in it", true, w.write("holidays/2026.yaml", "# 四\n"+w.text("holidays/2026.yaml")))
	w.step("a bad file in a folder", false, w.write("rota/x.yaml", "posts: 1\n"))
	w.step("removed with another change", true, func() error {
		return errors.Join(os.Remove(filepath.Join(w.dir, "rota/x.yaml")), w.write(queuesName, "# 五，更长\n"+text)())
	})
	w.step("the whole folder moved away", false, func() error { return os.Rename(w.dir, w.dir+".old") })
	w.step("the whole folder made again", true, func() error {
		folderOf(t, w.files, w.dir)
		return w.write(queuesName, "# 新目录\n"+text)()
	})
	w.step("and removed", false, func() error { return os.RemoveAll(w.dir) })
	w.step("and made again", true, func() error {
		folderOf(t, w.files, w.dir)
		return w.write(queuesName, "# 又一个新目录\n"+text)()
	})
	w.step("and written to", true, w.write("menus/main.yaml", "# 六\n"+w.text("menus/main.yaml")))
}

// volume lays a configuration out as Kubernetes does with a ConfigMap: the
// names are links through ..data, which is a link to a folder of its own and
// is exchanged as a whole.
func volume(t *testing.T, files fstest.MapFS, dir, version string) {
	t.Helper()
	folderOf(t, files, filepath.Join(dir, ".."+version))
	if err := errors.Join(os.Symlink(".."+version, filepath.Join(dir, "..data_tmp")),
		os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data"))); err != nil {
		t.Fatal(err)
	}
	for name := range files {
		top, _, _ := strings.Cut(name, "/")
		if err := os.Symlink(filepath.Join("..data", top), filepath.Join(dir, top)); err != nil && !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
	}
}

func TestWatchFollowsAVolumeThatIsExchanged(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, func(files fstest.MapFS, dir string) { volume(t, files, dir, "one") })
	for _, name := range []string{queuesName, "menus/main.yaml"} {
		w.step(name+" in the next version", true, func() error {
			w.files[name] = &fstest.MapFile{Data: []byte("# 下一版\n" + w.text(name))}
			volume(t, w.files, w.dir, "after "+filepath.Base(name))
			return nil
		})
	}
	if again, faults := Read(w.files, time.Now()); again == nil || again.Version != w.Now().Version {
		t.Errorf("what is in use is not what the volume holds: %s", faults)
	}
}

func TestWatchFollowsALinkToAnotherRelease(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, func(files fstest.MapFS, dir string) {
		folderOf(t, files, dir+".1")
		if err := os.Symlink(dir+".1", dir); err != nil {
			t.Fatal(err)
		}
	})
	w.step("the next release", true, func() error {
		w.files[queuesName] = &fstest.MapFile{Data: []byte("# 下一版\n" + w.text(queuesName))}
		folderOf(t, w.files, w.dir+".2")
		return errors.Join(os.Symlink(w.dir+".2", w.dir+".tmp"), os.Rename(w.dir+".tmp", w.dir))
	})
	w.step("written in place", true, func() error {
		return os.WriteFile(filepath.Join(w.dir+".2", planName), []byte("# 改\n"+w.text(planName)), 0o600)
	})
}

func TestAShorterFileIsUsedOnlyWhenItHasStayedSo(t *testing.T) {
	t.Parallel()
	files := base(t)
	h, err := NewHolder(t.Context(), Options{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	first := h.Now()
	whole := files[agentsName].Data
	files[agentsName] = &fstest.MapFile{Data: []byte(strings.Replace(string(whole), "李娜", "李", 1))}
	wait, err := h.follow(t.Context(), 0)
	if err != nil || wait != patience || h.Now() != first || h.Last().Files != first.Version {
		t.Errorf("at once: wait %s, %v, %+v", wait, err, h.Last())
	}
	if wait, err = h.follow(t.Context(), patience); err != nil || wait != 0 || h.Now() == first {
		t.Errorf("after a while: wait %s, %v", wait, err)
	}
	second := h.Now()
	files[agentsName] = &fstest.MapFile{Data: whole}
	if wait, err = h.follow(t.Context(), 0); err != nil || wait != 0 || h.Now() == second {
		t.Errorf("a longer one: wait %s, %v", wait, err)
	}
	delete(files, "rota/posts.yaml")
	files["rota/a.yaml"] = base(t)["rota/posts.yaml"]
	if wait, err = h.follow(t.Context(), 0); err != nil || wait != patience {
		t.Errorf("a file that has gone: wait %s, %v", wait, err)
	}
}

func TestAFileThatEndsInTheMiddleOfALineIsAFault(t *testing.T) {
	t.Parallel()
	files := base(t)
	whole := files[agentsName].Data
	files[agentsName] = &fstest.MapFile{Data: whole[:len(whole)-1]}
	_, faults := Read(files, time.Now())
	if len(faults) != 1 || faults[0].File != agentsName || !strings.Contains(faults[0].String(), "the last line has no line end") {
		t.Errorf("faults: %s", faults)
	}
	for cut := range whole[:len(whole)-1] {
		files[agentsName] = &fstest.MapFile{Data: whole[:cut]}
		if s, _ := Read(files, time.Now()); s != nil && whole[cut-1] != '\n' {
			t.Errorf("cut after %d bytes it is read: %q", cut, whole[max(0, cut-30):cut])
		}
	}
}

func TestWatchWaitsForAFolderThatIsNotThere(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	h, err := NewHolder(ctx, Options{Files: base(t)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		Watch(ctx, filepath.Join(t.TempDir(), "none"), h)
	}()
	cancel()
	<-ended
}
