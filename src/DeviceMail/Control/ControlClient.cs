using System.IO.Pipes;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Control;

/// <summary>Builds the host that works on a folder which no service owns.</summary>
public delegate WebApplication BuildHost(StartOptions options);

/// <summary>
/// The command line's side of the control channel. Where no service owns the folder, a host without listeners is started in this
/// process and asked in the same way.
/// </summary>
public sealed class ControlClient : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly WebApplication? _own;

    private ControlClient(string dataPath, WebApplication? own)
    {
        _own = own;
        var handler = new SocketsHttpHandler { ConnectCallback = (_, cancel) => ConnectAsync(dataPath, cancel), UseProxy = false };
        // The service decides how long its answer takes: a sign-in waits for a person.
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://localhost"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Whether a running service answers, rather than a host in this process.</summary>
    public bool IsService => _own is null;

    /// <exception cref="StartRefusedException">No service owns the folder, and it cannot be worked on.</exception>
    public static async Task<ControlClient> OpenAsync(string dataPath, BuildHost build, CancellationToken cancel)
    {
        if (DataFolder.IsOwned(dataPath)) return new ControlClient(dataPath, null);
        var host = build(StartOptions.Offline(dataPath));
        await host.StartAsync(cancel);
        return new ControlClient(dataPath, host);
    }

    /// <exception cref="CommandRefusedException">The service refused, or does not answer.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await AskAsync(request, type, cancel);
    }

    /// <exception cref="CommandRefusedException">The service refused, or does not answer.</exception>
    public async Task<TResult> PostAsync<TBody, TResult>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TResult> resultType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = JsonContent.Create(body, bodyType);
        return await AskAsync(request, resultType, CancellationToken.None);
    }

    /// <summary>Asks for something to be done that needs no words.</summary>
    /// <returns>What was done, as a sentence.</returns>
    /// <exception cref="CommandRefusedException">The service refused, or does not answer.</exception>
    public async Task<Done> PostAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        return await AskAsync(request, ControlJson.Default.Done, CancellationToken.None);
    }

    /// <summary>Asks for something that answers with facts.</summary>
    /// <exception cref="CommandRefusedException">The service refused, or does not answer.</exception>
    public async Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        return await AskAsync(request, type, CancellationToken.None);
    }

    /// <summary>Sends octets as they are, such as a message.</summary>
    /// <exception cref="CommandRefusedException">The service refused, or does not answer.</exception>
    public async Task<T> PostAsync<T>(string path, Stream octets, JsonTypeInfo<T> type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new StreamContent(octets);
        return await AskAsync(request, type, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_own is null) return;
        await _own.StopAsync();
        await _own.DisposeAsync();
    }

    private async Task<T> AskAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        try
        {
            using var response = await _http.SendAsync(request, cancel);
            if (response.IsSuccessStatusCode)
                return await response.Content.ReadFromJsonAsync(type, cancel) ?? throw new CommandRefusedException("The service gave an empty answer.");
            if (response.StatusCode == HttpStatusCode.UnprocessableEntity)
                throw new CommandRefusedException((await response.Content.ReadFromJsonAsync(ControlJson.Default.Refusal, cancel))!.Sentence);
            throw new CommandRefusedException(response.StatusCode == HttpStatusCode.NotFound
                ? "The running service does not know this command. It is another version: compare `devicemail version` with the service, and restart it."
                : $"The service could not do it (HTTP {(int)response.StatusCode}). Its log says why.");
        }
        catch (HttpRequestException fault)
        {
            throw new CommandRefusedException(fault.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied }
                ? "This user may not talk to the service. Use the service's user, such as sudo -u devicemail, or join its group."
                : $"The service does not answer ({fault.InnerException?.Message ?? fault.Message}). Look at its log, or start it again.");
        }
        catch (JsonException)
        {
            throw new CommandRefusedException("The running service answers in another way than this program expects. Restart it, so that both have one version.");
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string dataPath, CancellationToken cancel)
    {
        if (OperatingSystem.IsWindows())
        {
            var pipe = new NamedPipeClientStream(".", ControlChannel.PipeName(dataPath), PipeDirection.InOut, PipeOptions.Asynchronous);
            await pipe.ConnectAsync(5_000, cancel);
            return pipe;
        }
        for (var attempt = 1; ; attempt++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(ControlChannel.Find(dataPath)), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException fault) when (fault.SocketErrorCode != SocketError.AccessDenied && attempt < 50)
            {
                // The service owns its folder a moment before its socket stands.
                socket.Dispose();
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}
