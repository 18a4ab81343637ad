using System.Net;
using System.Net.Sockets;

namespace DeviceMail.Settings;

/// <summary>
/// Start-up options as text, the strongest first: the command line, a DEVICEMAIL_… variable, a line of devicemail.json. The file
/// lies in the current folder or in /etc/devicemail; DEVICEMAIL_CONFIG names another.
/// </summary>
public sealed class StartConfiguration
{
    private const string FileName = "devicemail.json";

    /// <summary>Every option there is, with what it may be.</summary>
    public static IReadOnlyDictionary<string, string> Known { get; } = new Dictionary<string, string>
    {
        ["data"] = "a folder",
        ["smtp"] = "ADDRESS:PORT, PORT or off; several with commas",
        ["smtps"] = "ADDRESS:PORT, PORT or off; several with commas",
        ["web"] = "ADDRESS:PORT, PORT or off",
        ["http"] = "ADDRESS:PORT, PORT or off",
        ["log"] = "debug, information, warning or error",
        ["admin_password_file"] = "a file that holds the administrator's first password",
        ["admin_address"] = "the administrator's mail address",
    };

    private readonly IConfiguration _values;

    private StartConfiguration(IConfiguration values) => _values = values;

    /// <param name="commandLine">The options given there, by name.</param>
    /// <exception cref="WrongUseException">The file cannot be read, or names an option that does not exist.</exception>
    public static StartConfiguration Load(IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        var builder = new ConfigurationBuilder();
        if (FindFile() is { } file) builder.AddConfiguration(ReadFile(file));
        builder.AddEnvironmentVariables("DEVICEMAIL_");
        builder.AddInMemoryCollection(commandLine.Where(one => one.Value is not null));
        return new StartConfiguration(builder.Build());
    }

    public string? Data => _values["data"];

    /// <summary>A file with the password that claims a new gateway without a person.</summary>
    public string? AdministratorPasswordFile => _values["admin_password_file"];

    public string? AdministratorAddress => _values["admin_address"];

    /// <exception cref="WrongUseException">A value is none of its option.</exception>
    public StartOptions ToOptions(string dataPath)
    {
        var usual = new StartOptions { DataPath = dataPath };
        return usual with
        {
            Smtp = [.. Addresses("smtp", 2525).Select(one => new SmtpEndpoint(one, TlsMode.StartTls)), .. Addresses("smtps", 2465).Select(one => new SmtpEndpoint(one, TlsMode.Implicit))],
            Web = Addresses("web", 8443).FirstOrDefault(),
            Http = Addresses("http", 8080).FirstOrDefault(),
            LogLevel = Level("log"),
        };
    }

    /// <summary>Reads an address to listen on. A port alone is every address of this machine; 0 is any free port.</summary>
    public static bool TryReadAddress(string text, out IPEndPoint address)
    {
        address = new IPEndPoint(Everywhere, 0);
        if (ushort.TryParse(text, out var port))
        {
            address.Port = port;
            return true;
        }
        if (text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase)) text = "127.0.0.1" + text["localhost".Length..];
        // A port must be there: without brackets the last group of an IPv6 address would be taken for one.
        var hasPort = text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : text.Count(c => c == ':') == 1;
        if (!hasPort || !IPEndPoint.TryParse(text, out var parsed)) return false;
        address = parsed;
        return true;
    }

    private static IPAddress Everywhere => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    private List<IPEndPoint> Addresses(string name, int usualPort)
    {
        var section = _values.GetSection(name);
        var texts = section.GetChildren().Select(one => one.Value ?? "").ToList();
        if (texts.Count == 0) texts = [.. (section.Value ?? $"{usualPort}").Split(',', StringSplitOptions.TrimEntries)];
        if (texts is ["off"]) return [];
        return texts.ConvertAll(text => TryReadAddress(text, out var address) ? address : throw Wrong(name, text));
    }

    private LogLevel Level(string name) => (_values[name] ?? "information").ToLowerInvariant() switch
    {
        "debug" => LogLevel.Debug,
        "information" => LogLevel.Information,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => throw Wrong(name, _values[name]!),
    };

    private static WrongUseException Wrong(string name, string text) =>
        new($"--{name} cannot be “{text}”: it must be {Known[name]} (also as DEVICEMAIL_{name.ToUpperInvariant()} or “{name}” in {FileName}).");

    private static string? FindFile()
    {
        if (Environment.GetEnvironmentVariable("DEVICEMAIL_CONFIG") is { Length: > 0 } named)
            return File.Exists(named) ? Path.GetFullPath(named) : throw new WrongUseException($"DEVICEMAIL_CONFIG names {named}, and there is no such file.");
        return ((string[])[Path.GetFullPath(FileName), $"/etc/devicemail/{FileName}"]).FirstOrDefault(File.Exists);
    }

    private static IConfiguration ReadFile(string path)
    {
        IConfigurationRoot values;
        try
        {
            values = new ConfigurationBuilder().AddJsonStream(new MemoryStream(File.ReadAllBytes(path))).Build();
        }
        catch (Exception fault) when (fault is FormatException or System.Text.Json.JsonException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new WrongUseException($"{path} cannot be read: {(fault.InnerException ?? fault).Message}");
        }
        var unknown = values.GetChildren().FirstOrDefault(one => !Known.ContainsKey(one.Key.ToLowerInvariant()));
        return unknown is null ? values
            : throw new WrongUseException($"{path} holds “{unknown.Key}”, which is no start-up option; there are {string.Join(", ", Known.Keys)}.");
    }
}
