using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DeviceMail.Tests.Stories;

/// <summary>What a program asked of the disk, or said to a device, in the order in which it was done.</summary>
internal abstract record DiskCall
{
    public sealed record Created(string Path) : DiskCall;

    public sealed record Wrote(string Path, long Offset, byte[] Octets) : DiskCall;

    /// <summary>The file got this length, or at least this where it only grows.</summary>
    public sealed record Sized(string Path, long Length, bool OnlyGrows) : DiskCall;

    public sealed record Renamed(string From, string To) : DiskCall;

    public sealed record Removed(string Path) : DiskCall;

    /// <summary>From here on a write is not covered by the sync of that number.</summary>
    public sealed record SyncBegan(string Path, int Number) : DiskCall;

    /// <summary>What was written before the sync of that number began is on the disk.</summary>
    public sealed record SyncEnded(string Path, int Number) : DiskCall;

    /// <summary>A device begins to hear 250.</summary>
    public sealed record Promised(long JobId) : DiskCall;
}

/// <summary>Reads what strace wrote (-f -y -xx -v): calls of several threads, some of them in two lines.</summary>
internal static partial class DiskCalls
{
    public const string Traced = "trace=openat,write,pwrite64,pwritev,ftruncate,fallocate,fdatasync,fsync,rename,renameat2,unlink,sendto,sendmsg";

    /// <param name="log">strace's lines.</param>
    /// <param name="folder">Only of files below it.</param>
    public static List<DiskCall> Read(IEnumerable<string> log, string folder)
    {
        var calls = new List<(int At, DiskCall Call)>();
        var begun = new Dictionary<string, (int At, string Text)>();
        var number = 0;
        foreach (var line in log)
        {
            number++;
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (thread, text) = (line[..space], line[space..].TrimStart());
            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                begun[thread] = (number, text[..^"<unfinished ...>".Length]);
                continue;
            }
            var start = number;
            if (text.StartsWith("<... ", StringComparison.Ordinal) && begun.Remove(thread, out var first))
                (start, text) = (first.At, first.Text + text[(text.IndexOf("resumed>", StringComparison.Ordinal) + "resumed>".Length)..]);
            calls.AddRange(Of(text, start, number, folder));
        }
        return [.. calls.OrderBy(one => one.At).Select(one => one.Call)];
    }

    private static IEnumerable<(int At, DiskCall Call)> Of(string text, int start, int end, string folder)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var result = Result().Match(text);
        if (open < 0 || !result.Success || result.ValueSpan.Contains('-')) yield break;
        var (name, words) = (text[..open], text[(open + 1)..result.Index]);
        var strings = Hexadecimal().Matches(words).Select(one => Octets(one.Groups[1].Value)).ToList();
        if (name is "sendto" or "sendmsg")
        {
            if (strings.Select(Encoding.ASCII.GetString).FirstOrDefault(said => said.StartsWith("250 2.0.0 Kept as job ", StringComparison.Ordinal)) is { } promise)
                yield return (start, new DiskCall.Promised(long.Parse(Number().Match(promise, 22).ValueSpan, CultureInfo.InvariantCulture)));
            yield break;
        }
        if (name is "openat" or "rename" or "renameat2" or "unlink")
        {
            var paths = strings.Select(Encoding.UTF8.GetString).ToList();
            if (!paths.TrueForAll(path => path.StartsWith(folder, StringComparison.Ordinal))) yield break;
            if (name == "openat" && words.Contains("O_CREAT", StringComparison.Ordinal)) yield return (end, new DiskCall.Created(paths[0]));
            if (name == "openat" && words.Contains("O_TRUNC", StringComparison.Ordinal)) yield return (end, new DiskCall.Sized(paths[0], 0, false));
            if (name.StartsWith("rename", StringComparison.Ordinal)) yield return (end, new DiskCall.Renamed(paths[0], paths[1]));
            if (name == "unlink") yield return (end, new DiskCall.Removed(paths[0]));
            yield break;
        }
        var file = Encoding.UTF8.GetString(Octets(Descriptor().Match(words).Groups[1].Value));
        if (!file.StartsWith(folder, StringComparison.Ordinal)) yield break;
        var last = long.TryParse(words.TrimEnd(' ', ')').Split(',')[^1], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var value) ? value : 0;
        switch (name)
        {
            case "fsync" or "fdatasync":
                yield return (start, new DiskCall.SyncBegan(file, end));
                yield return (end, new DiskCall.SyncEnded(file, end));
                break;
            case "pwrite64" or "pwritev":
                yield return (end, new DiskCall.Wrote(file, last, [.. strings.SelectMany(one => one)]));
                break;
            case "ftruncate":
                yield return (end, new DiskCall.Sized(file, last, false));
                break;
            case "fallocate":
                yield return (end, new DiskCall.Sized(file, last, true));
                break;
            default:
                throw new InvalidOperationException($"The program calls {name} on {file}, which the model does not know.");
        }
    }

    /// <summary>strace's \x2f\x64, or the text itself where nothing was written so.</summary>
    private static byte[] Octets(string text) =>
        text.StartsWith("\\x", StringComparison.Ordinal) ? Convert.FromHexString(text.Replace("\\x", "", StringComparison.Ordinal)) : Encoding.UTF8.GetBytes(text);

    [GeneratedRegex(@"\)\s+= (-?\d+)[^=]*$", RegexOptions.RightToLeft)]
    private static partial Regex Result();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"^\d+<([^>]*)>")]
    private static partial Regex Descriptor();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
