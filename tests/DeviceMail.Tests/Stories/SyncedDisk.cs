namespace DeviceMail.Tests.Stories;

/// <summary>
/// A disk that keeps what was synced, and of the rest whatever chance leaves: nothing, all, or some blocks of some writes. Names made, changed or removed
/// are kept by a sync of their folder, the others as far as chance goes, in their order.
/// </summary>
internal sealed class SyncedDisk
{
    private const int Block = 4_096;

    private readonly Dictionary<string, Content> _names = [];
    private readonly Dictionary<string, Content> _durable = [];
    private readonly List<(int Number, string Folder, Action<Dictionary<string, Content>> Change)> _nameChanges = [];
    private readonly Dictionary<int, (int Writes, int Names)> _syncs = [];
    private int _nameNumber;

    /// <summary>A folder as it is, all of it on the disk.</summary>
    public SyncedDisk(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsOnDisk))
            _names[path] = _durable[path] = new Content { Kept = ReadShared(path) };
    }

    public void Do(DiskCall call)
    {
        switch (call)
        {
            case DiskCall.Created { Path: var path } when IsOnDisk(path) && !_names.ContainsKey(path):
                var made = new Content();
                _names[path] = made;
                Rename(path, names => names[path] = made);
                break;
            case DiskCall.Renamed { From: var from, To: var to }:
                var moved = _names[from];
                _names.Remove(from);
                _names[to] = moved;
                Rename(to, names =>
                {
                    names.Remove(from);
                    names[to] = moved;
                });
                break;
            case DiskCall.Removed { Path: var path }:
                _names.Remove(path);
                Rename(path, names => names.Remove(path));
                break;
            case DiskCall.Wrote or DiskCall.Sized when _names.TryGetValue(PathOf(call), out var content):
                content.Pending.Add(call);
                break;
            case DiskCall.SyncBegan { Path: var path, Number: var number }:
                _syncs[number] = (_names.TryGetValue(path, out var begun) ? begun.Written : 0, _nameNumber);
                break;
            case DiskCall.SyncEnded { Path: var path, Number: var number } when _syncs.Remove(number, out var covered):
                if (_names.TryGetValue(path, out var synced)) synced.Keep(covered.Writes);
                else KeepNames(path, covered.Names);
                break;
        }
    }

    /// <summary>Writes what a cut of the power leaves into another folder.</summary>
    public void Leave(string from, string to, Random chance)
    {
        var names = new Dictionary<string, Content>(_durable);
        foreach (var (_, _, change) in _nameChanges.Take(chance.Next(_nameChanges.Count + 1))) change(names);
        var luck = chance.Next(3);
        foreach (var (path, content) in names)
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            Write(target, content.After(luck, chance));
        }
    }

    private void Rename(string path, Action<Dictionary<string, Content>> change) => _nameChanges.Add((++_nameNumber, Path.GetDirectoryName(path)!, change));

    private void KeepNames(string folder, int upTo)
    {
        foreach (var change in _nameChanges.Where(one => one.Folder == folder && one.Number <= upTo)) change.Change(_durable);
        _nameChanges.RemoveAll(one => one.Folder == folder && one.Number <= upTo);
    }

    /// <summary>Not the lock and the socket of the program that runs, nor SQLite's shared memory.</summary>
    private static bool IsOnDisk(string path) => Path.GetFileName(path) is not ("lock" or "control.sock") && !path.EndsWith("-shm", StringComparison.Ordinal);

    private static string PathOf(DiskCall call) => call is DiskCall.Wrote wrote ? wrote.Path : ((DiskCall.Sized)call).Path;

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var octets = new byte[file.Length];
        file.ReadExactly(octets);
        return octets;
    }

    /// <summary>The journal's files are long and mostly empty: holes are left as holes.</summary>
    private static void Write(string path, byte[] octets)
    {
        using var file = File.Create(path);
        file.SetLength(octets.Length);
        for (var at = 0; at < octets.Length; at += 64 << 10)
        {
            var piece = octets.AsSpan(at, Math.Min(64 << 10, octets.Length - at));
            if (!piece.ContainsAnyExcept((byte)0)) continue;
            file.Position = at;
            file.Write(piece);
        }
    }

    private sealed class Content
    {
        private int _kept;

        public byte[] Kept { get; set; } = [];

        public List<DiskCall> Pending { get; } = [];

        /// <summary>Writes so far, kept or not.</summary>
        public int Written => _kept + Pending.Count;

        public void Keep(int upTo)
        {
            var count = Math.Max(0, upTo - _kept);
            foreach (var call in Pending[..count]) Kept = Apply(Kept, call);
            Pending.RemoveRange(0, count);
            _kept += count;
        }

        public byte[] After(int luck, Random chance)
        {
            var octets = (byte[])Kept.Clone();
            if (luck == 0) return octets;
            foreach (var call in Pending)
            {
                if (luck == 1 || chance.Next(2) == 0) octets = Apply(octets, call);
                else if (call is DiskCall.Wrote { Octets.Length: > Block } wrote)
                    octets = Apply(octets, wrote with { Octets = wrote.Octets[..(chance.Next(wrote.Octets.Length / Block) * Block)] });
            }
            return octets;
        }

        private static byte[] Apply(byte[] octets, DiskCall call)
        {
            switch (call)
            {
                case DiskCall.Sized { Length: var length, OnlyGrows: var grows } when !grows || length > octets.Length:
                    Array.Resize(ref octets, (int)length);
                    break;
                case DiskCall.Wrote { Offset: var offset, Octets: var written }:
                    if (offset + written.Length > octets.Length) Array.Resize(ref octets, (int)offset + written.Length);
                    written.CopyTo(octets, offset);
                    break;
            }
            return octets;
        }
    }
}
