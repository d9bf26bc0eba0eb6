//! Memory limits of a process's control groups (cgroups versions 1 and 2) on Linux, as containers, Slurm and systemd set them.
//!
//! A group's limit also holds for all groups inside it, so every group above the process's own counts.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// The memory that a control group, or the machine, leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MemoryLimit {
    /// Available bytes: the limit minus the bytes in use, without caches that the system can give back.
    pub(super) free: u64,
    /// The file with the group's limit; `None` for the machine.
    pub(super) file: Option<PathBuf>,
}

/// File and entry names of a version of control groups.
struct CgroupVersion {
    /// Type of the file system.
    kind: &'static str,
    limit: &'static str,
    usage: &'static str,
    /// Entries of `memory.stat` that count cached files. The system gives these back before it kills a program.
    cached: [&'static str; 2],
}

const VERSION_1: CgroupVersion = CgroupVersion {
    kind: "cgroup",
    limit: "memory.limit_in_bytes",
    usage: "memory.usage_in_bytes",
    cached: ["total_active_file", "total_inactive_file"],
};
const VERSION_2: CgroupVersion = CgroupVersion {
    kind: "cgroup2",
    limit: "memory.max",
    usage: "memory.current",
    cached: ["active_file", "inactive_file"],
};

/// The limit of this process that leaves the least memory, if there is any limit. `root` is `/` except in tests.
pub(super) fn tightest_limit(root: &Path) -> Option<MemoryLimit> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let mounts = fs::read_to_string(root.join("proc/self/mountinfo")).ok()?;
    let mounts: Vec<Mount> = mounts.lines().filter_map(Mount::parse).collect();
    let folders = groups.lines().flat_map(|line| {
        // A line is hierarchy:controllers:path.
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            return Vec::new();
        };
        let version = match controllers {
            "" => &VERSION_2,
            _ if controllers.split(',').any(|controller| controller == "memory") => &VERSION_1,
            _ => return Vec::new(),
        };
        let mounts = mounts.iter().filter(|mount| mount.has_memory_groups(version));
        group_folders(root, Path::new(path), mounts).into_iter().map(|folder| (folder, version)).collect()
    });
    folders.filter_map(|(folder, version)| version.read(&folder)).min_by_key(|limit| limit.free)
}

/// The folders of the group `path` and of the groups above it, as far as `mounts` show them.
fn group_folders<'m>(
    root: &Path,
    path: &Path,
    mounts: impl Iterator<Item = &'m Mount> + Clone,
) -> Vec<PathBuf> {
    let folder_of = |mount: &Mount| root.join(mount.point.strip_prefix("/").unwrap_or(&mount.point));
    let inside = mounts.clone().filter_map(|mount| {
        let below = path.strip_prefix(&mount.group).ok()?;
        // A group outside the mount has no folder here.
        let is_outside = below.components().any(|part| part == Component::ParentDir);
        (!is_outside).then(|| (folder_of(mount), below.to_owned()))
    });
    let mut found: Vec<_> = inside
        .flat_map(|(mount, below)| below.ancestors().map(|part| mount.join(part)).collect::<Vec<_>>())
        .collect();
    if found.is_empty() {
        // A container that shows only its own group, while the process sees another name of the group or a path outside.
        found.extend(mounts.map(folder_of));
    }
    found
}

impl CgroupVersion {
    /// The limit of the group `folder`, if it has one.
    fn read(&self, folder: &Path) -> Option<MemoryLimit> {
        let number =
            |name: &str| -> Option<u64> { fs::read_to_string(folder.join(name)).ok()?.trim().parse().ok() };
        let file = Some(folder.join(self.limit));
        // Without a limit, version 2 has the word `max` here, and version 1 a number larger than any memory.
        let limit = number(self.limit)?;
        let counts = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
        let count = |name: &str| -> Option<u64> {
            counts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
        };
        let cached: u64 = self.cached.iter().filter_map(|name| count(name)).sum();
        let used = number(self.usage).unwrap_or_default().saturating_sub(cached);
        Some(MemoryLimit { free: limit.saturating_sub(used), file })
    }
}

/// A mount that shows a hierarchy of groups, or a part of it, as folders.
struct Mount {
    /// The group mounted at `point`, as a path from the root that this process sees.
    group: PathBuf,
    point: PathBuf,
    kind: String,
    options: String,
}

impl Mount {
    /// Parses a line of `/proc/self/mountinfo`: `36 35 0:32 /group /point rw - cgroup source rw,memory`.
    fn parse(line: &str) -> Option<Self> {
        let (location, file_system) = line.split_once(" - ")?;
        let mut location = location.split(' ').skip(3);
        let (group, point) = (unescaped(location.next()?), unescaped(location.next()?));
        let mut file_system = file_system.split(' ');
        let (kind, options) =
            (file_system.next()?.to_owned(), file_system.nth(1).unwrap_or_default().to_owned());
        Some(Self { group: group.into(), point: point.into(), kind, options })
    }

    /// Whether the mount shows groups of `version`. In version 1 these must have the memory controller.
    fn has_memory_groups(&self, version: &CgroupVersion) -> bool {
        let is_for_memory = || self.options.split(',').any(|option| option == "memory");
        self.kind == version.kind && (self.kind == VERSION_2.kind || is_for_memory())
    }
}

/// `text` with octal codes like `\040` replaced by their characters.
fn unescaped(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (code, character)| text.replace(code, character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const MB: u64 = 1_000_000;

    /// A file system with these groups of the process, these mounts and these files.
    fn system(groups: &str, mounts: &str, files: &[(&str, &str)]) -> TempDir {
        let root = TempDir::new().unwrap();
        let all = [("proc/self/cgroup", groups), ("proc/self/mountinfo", mounts)];
        for (path, text) in all.iter().chain(files) {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    /// The available memory in MB, and the folder of the limit.
    fn found(root: &TempDir) -> Option<(u64, String)> {
        tightest_limit(root.path()).map(|MemoryLimit { free, file }| {
            let folder = file.as_deref().unwrap().parent().unwrap().strip_prefix(root.path()).unwrap();
            (free / MB, folder.to_str().unwrap().to_owned())
        })
    }

    const UNIFIED: &str = "25 1 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n\
                           26 1 254:0 / / rw - ext4 /dev/vda rw\n";
    const MEMORY: &str = "30 1 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n\
                          35 1 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
    const STEP: &str =
        "9:cpu,cpuacct:/\n4:memory:/slurm/uid_0/job_1/step_0/task_0\n0::/system.slice/slurmd.service\n";

    #[test]
    fn limits_of_all_groups_above_the_process_hold() {
        let groups = "0::/user.slice/user-1000.slice/session-3.scope\n";
        let files = [
            ("sys/fs/cgroup/user.slice/memory.max", "max\n"),
            ("sys/fs/cgroup/user.slice/user-1000.slice/memory.max", "500000000\n"),
            ("sys/fs/cgroup/user.slice/user-1000.slice/memory.current", "300000000\n"),
            ("sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope/memory.max", "400000000\n"),
            ("sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope/memory.current", "100000000\n"),
            // The limit of another group.
            ("sys/fs/cgroup/system.slice/memory.max", "1000\n"),
        ];
        let slice = "sys/fs/cgroup/user.slice/user-1000.slice".to_owned();
        assert_eq!(found(&system(groups, UNIFIED, &files)), Some((200, slice.clone())));
        // The slice's cached files can be given back, so the scope's limit is tighter.
        let stat = (
            "sys/fs/cgroup/user.slice/user-1000.slice/memory.stat",
            "anon 5\nfile 9\ninactive_file 150000000\nactive_file 40000000\n",
        );
        let files = [&files[..], &[stat]].concat();
        assert_eq!(found(&system(groups, UNIFIED, &files)), Some((300, slice + "/session-3.scope")));
    }

    #[test]
    fn slurm_limits_a_job_and_its_steps() {
        let job = "sys/fs/cgroup/memory/slurm/uid_0/job_1";
        let unlimited = "9223372036854771712\n";
        let names = ["step_0/task_0", "step_0", ""].map(|name| format!("{job}/{name}/memory.limit_in_bytes"));
        let usage = format!("{job}/memory.usage_in_bytes");
        let stat = format!("{job}/memory.stat");
        let files = [
            (names[0].as_str(), unlimited),
            (&names[1], unlimited),
            (&names[2], "1000000000\n"),
            (&usage, "700000000\n"),
            (&stat, "inactive_file 1\ntotal_inactive_file 100000000\ntotal_active_file 100000000\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", unlimited),
        ];
        assert_eq!(found(&system(STEP, MEMORY, &files)), Some((500, job.to_owned())));
        // Beside a version 2 hierarchy without memory, as systemd mounts it, and beside one with memory, as Slurm uses it.
        let hybrid = format!("{MEMORY}40 1 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
        assert_eq!(found(&system(STEP, &hybrid, &files)), Some((500, job.to_owned())));
        let unified = "sys/fs/cgroup/unified/system.slice";
        let service = format!("{unified}/memory.max");
        let files = [&files[..], &[(service.as_str(), "30000000")]].concat();
        assert_eq!(found(&system(STEP, &hybrid, &files)), Some((30, unified.to_owned())));
    }

    #[test]
    fn containers_show_a_part_of_the_hierarchy() {
        let limit = |folder: &str| format!("{folder}/memory.max");
        let (whole, inner) = (limit("sys/fs/cgroup"), limit("sys/fs/cgroup/inner"));
        let files = [(whole.as_str(), "80000000"), (&inner, "50000000")];
        let mounted = |group: &str| UNIFIED.replace("0:22 / ", &format!("0:22 {group} "));
        for (groups, mounts, expected) in [
            // A namespace of its own: the root is the container's group.
            ("0::/", mounted("/"), 80),
            ("0::/inner", mounted("/"), 50),
            // No namespace, and the container's group mounted as the root.
            ("0::/docker/0f3c", mounted("/docker/0f3c"), 80),
            ("0::/docker/0f3c/inner", mounted("/docker/0f3c"), 50),
            // The process's path is not inside a mounted group.
            ("0::/kubepods/pod1/0f3c", mounted("/"), 80),
            ("0::/../elsewhere", mounted("/"), 80),
            ("0::/", mounted("/../.."), 80),
            ("0::/docker/other", mounted("/docker/0f3c"), 80),
            // The mount and the process are both seen from a deeper namespace.
            ("0::/../inner", mounted("/.."), 50),
        ] {
            let found = found(&system(groups, &mounts, &files)).map(|(free, _)| free);
            assert_eq!(found, Some(expected), "{groups} in {mounts}");
        }
        let spaced = UNIFIED.replace("/sys/fs/cgroup", "/my\\040groups");
        let files = [("my groups/memory.max", "7000000")];
        assert_eq!(found(&system("0::/\n", &spaced, &files)), Some((7, "my groups".to_owned())));
    }

    #[test]
    fn no_limit_is_found_without_groups_or_limits() {
        assert_eq!(tightest_limit(TempDir::new().unwrap().path()), None);
        assert_eq!(found(&system("", "", &[])), None);
        assert_eq!(found(&system("nothing\n0::/a\n", "of\nthis - kind\n", &[])), None);
        assert_eq!(found(&system("0::/a\n", UNIFIED, &[("sys/fs/cgroup/a/memory.max", "max\n")])), None);
    }
}
