using System.Buffers;
using System.Security.Authentication;

namespace DeviceMail.Scanning;

/// <summary>
/// A page on its way into a file, in memory never more than a piece of it. What is not whole in the end is deleted. The content decides what it is, not what the
/// scanner calls it.
/// </summary>
internal sealed class ReceivedPage : IAsyncDisposable
{
    private const int Piece = 64 << 10, LongestTail = 64 << 10;
    private const long Largest = 256L << 20, Report = 256 << 10;

    /// <summary>How long a scanner may pause in mid page: at 600 dpi some draw a sheet in by jerks.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(60);

    private readonly EsclChannel _channel;
    private readonly EsclReply.Opened _opened;
    private readonly string _path;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(Piece);
    private FileStream? _file;
    private int _waiting;
    private long _octets, _reported;

    public ReceivedPage(EsclChannel channel, EsclReply.Opened opened, string folder)
    {
        (_channel, _opened) = (channel, opened);
        _path = Path.Combine(folder, $"{Guid.NewGuid():N}.part");
    }

    /// <summary>Waits for the first octets. False: there are none, which is how some scanners say that no page is left.</summary>
    public async Task<bool> BeginsAsync(CancellationToken cancel)
    {
        _waiting = await ReadAsync(cancel);
        return _waiting != 0;
    }

    /// <summary>Receiving, as often as a piece has come, and then Page or Stopped.</summary>
    public async Task<ScanStep> NextAsync(CancellationToken cancel)
    {
        if (_waiting < 0) return Stopped(ScanTroubles.At(ScanTroubleKind.CutOff, _channel.Scanner));
        try
        {
            _file ??= Create();
            while (_waiting > 0)
            {
                await _file.WriteAsync(_buffer.AsMemory(0, _waiting), cancel);
                _octets += _waiting;
                if (_octets > Largest) return Stopped(new ScanTrouble(ScanTroubleKind.Unreadable, $"{_channel.Scanner} sent a page of more than 256 MB. Choose a lower resolution."));
                _waiting = await ReadAsync(cancel);
                if (_waiting < 0) return Stopped(ScanTroubles.At(ScanTroubleKind.CutOff, _channel.Scanner));
                if (_waiting == 0 || _octets - _reported < Report) continue;
                _reported = _octets;
                return new ScanStep.Receiving(_octets);
            }
            return await CloseAsync(cancel);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Stopped(new ScanTrouble(ScanTroubleKind.DiskFull, $"The gateway's disk does not take the page ({fault.Message}). The gateway's administrator makes room on it."));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _opened.Response.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        if (_file is null) return;
        try
        {
            await _file.DisposeAsync();
            File.Delete(_path);
        }
        catch (IOException)
        {
            // A disk that fails keeps the rest; what keeps the folder clears it.
        }
    }

    private FileStream Create()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(_path, options);
    }

    /// <returns>How many octets are in the buffer; 0: the page is at its end; less: it broke off.</returns>
    private async Task<int> ReadAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = _channel.Time.CreateTimer(_ => limit.Cancel(), null, _pause, Timeout.InfiniteTimeSpan);
        try
        {
            return await _opened.Page.ReadAsync(_buffer.AsMemory(0, Piece), limit.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or AuthenticationException || fault is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return -1;
        }
    }

    private async Task<ScanStep> CloseAsync(CancellationToken cancel)
    {
        var head = new byte[5];
        var read = await RandomAccess.ReadAsync(_file!.SafeFileHandle, head, 0, cancel);
        var tail = new byte[(int)Math.Min(LongestTail, _octets)];
        await RandomAccess.ReadAsync(_file.SafeFileHandle, tail, _octets - tail.Length, cancel);
        if (head.AsSpan(0, read).StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
            return tail.AsSpan().TrimEnd((ReadOnlySpan<byte>)[0, (byte)' ', (byte)'\r', (byte)'\n']).EndsWith((ReadOnlySpan<byte>)[0xFF, 0xD9]) ? await KeepAsync("jpg", ScanProfile.Jpeg) : Torn();
        if (head.AsSpan(0, read).StartsWith("%PDF"u8))
        {
            // Where neither a length nor chunks tell of the end, a page that broke off looks like one that ended.
            var told = _opened.Response.Content.Headers.ContentLength is not null || _opened.Response.Headers.TransferEncodingChunked == true;
            return told || tail.AsSpan().LastIndexOf("%%EOF"u8) >= 0 ? await KeepAsync("pdf", ScanProfile.Pdf) : Torn();
        }
        return Stopped(new ScanTrouble(ScanTroubleKind.Unreadable, $"{_channel.Scanner} sent a page that is neither JPEG nor PDF. Choose the other format, or switch the scanner off and on."));
    }

    private ScanStep.Stopped Torn() => Stopped(ScanTroubles.At(ScanTroubleKind.CutOff, _channel.Scanner));

    private async Task<ScanStep> KeepAsync(string ending, string mediaType)
    {
        await _file!.DisposeAsync();
        var kept = Path.ChangeExtension(_path, ending);
        File.Move(_path, kept);
        _file = null;
        return new ScanStep.Page(new ScannedFile(kept, mediaType, _octets));
    }

    private static ScanStep.Stopped Stopped(ScanTrouble trouble) => new(trouble);
}
