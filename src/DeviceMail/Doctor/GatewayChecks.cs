using System.Net;
using System.Net.Sockets;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Receiving;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.Doctor;

/// <summary>What the gateway itself consists of.</summary>
internal sealed record GatewayParts(DataFolder Folder, Database Database, SettingsStore Settings, Listeners Listeners, ServerCertificate Certificate)
{
    public required AccountRegister Accounts { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>The gateway's own house: its folder at the start of the way; its certificate, its doors and its version at the end.</summary>
internal sealed class GatewayChecks(GatewayParts gateway)
{
    private static readonly TimeSpan _certificateNotice = TimeSpan.FromDays(30);

    public IEnumerable<DoctorStep> FirstSteps() =>
    [
        new("data-folder-space", "Free space for mail", _ => Task.FromResult(Space())),
        new("data-folder-sync", "The disk keeps what is written", _ => Task.FromResult(Sync())),
        new("data-folder-rights", "Nobody else reads the data folder", _ => Task.FromResult(Rights())),
    ];

    public IEnumerable<DoctorStep> LastSteps() =>
    [
        new("second-route", "A second route for notices", _ => Task.FromResult(SecondRoute())),
        new("own-certificate", "The gateway's own certificate", _ => Task.FromResult(OwnCertificate())),
        new("listeners", "Devices and browsers reach the gateway", ListenersAsync),
        new("version", "Version", _ => Task.FromResult(DoctorLine.Passed($"This is {BuildVersion.Current}. CHANGELOG.md of the newest version says what changed since."))),
    ];

    private DoctorLine Space()
    {
        var (free, least) = (gateway.Folder.FreeSpace, gateway.Settings.Current.Get(SettingsCatalogue.MinFreeSpace));
        const string remedy = "The machine's administrator frees space on the disk of the data folder, or moves the folder to a larger disk while the service is stopped (--data).";
        var words = $"{Words.Size(free)} are free for {gateway.Folder.Path}";
        if (free < least) return DoctorLine.Failed($"{words}: under {Words.Size(least)} no mail is taken (queue.min-free-space).", remedy);
        return free < 10 * least ? DoctorLine.Warned($"{words}; from {Words.Size(least)} on no mail is taken (queue.min-free-space).", remedy) : DoctorLine.Passed($"{words}.");
    }

    /// <summary>Writes a small file, waits until it is on the disk, and removes it: the way of every mail before "250".</summary>
    private DoctorLine Sync()
    {
        if (gateway.Database.Failure is { } failure)
            return DoctorLine.Failed("The disk did not keep the last write, and no mail is taken.", "The machine's administrator looks into the system's log for faults of the disk. The gateway goes on by itself once writes are kept.", failure.Message);
        var path = gateway.Folder.In($"doctor-{Guid.NewGuid():N}");
        try
        {
            using (var file = DurableFile.Create(path))
            {
                file.Write("doctor"u8);
                file.Sync();
            }
            DurableFile.SyncFolder(gateway.Folder.Path);
            return DoctorLine.Passed("The disk took a file and confirmed that it is kept.");
        }
        catch (StorageFailedException fault)
        {
            return DoctorLine.Failed("The disk does not confirm that a file is kept, so no mail can be promised.",
                "The machine's administrator looks at the free space, at the rights of the data folder and into the system's log for faults of the disk.", fault.Message);
        }
        finally
        {
            if (File.Exists(path)) File.Delete(path);
        }
    }

    private DoctorLine Rights()
    {
        if (OperatingSystem.IsWindows()) return DoctorLine.Unknown("Rights are not looked at on Windows.", "The machine's administrator lets nobody but the service's account into the data folder.");
        const UnixFileMode group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite, others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        List<string> open = [];
        var mode = File.GetUnixFileMode(gateway.Folder.Path);
        if ((mode & (others | UnixFileMode.GroupWrite)) != 0) open.Add($"chmod 0750 {gateway.Folder.Path}");
        // Who may not enter the folder reads no file in it; the group may be let in, to talk to the service.
        if (open.Count > 0 || mode.HasFlag(UnixFileMode.GroupExecute))
            foreach (var file in (string[])[gateway.Folder.In("keyring"), gateway.Folder.Secrets, gateway.Folder.Database, Path.Combine(gateway.Folder.Tls, "server.key")])
                if (File.Exists(file) && (File.GetUnixFileMode(file) & group) != 0) open.Add($"chmod go= {file}");
        return open.Count == 0
            ? DoctorLine.Passed("Only the service's user reads the keys, the secrets and the mail.")
            : DoctorLine.Failed("Others may read what is secret in the data folder.", "The machine's administrator types these lines.") with { Ways = [new DoctorWay("In a terminal of the gateway's machine", "", open)] };
    }

    private DoctorLine SecondRoute()
    {
        if (gateway.Accounts.All.Count == 0) return DoctorLine.Failed("No account is set up, so no mail goes out.", "The gateway's administrator sets one up under Network > Email Server > Basic.");
        if (gateway.Settings.Current.Get(SettingsCatalogue.NoticesSecondRoute) is { } address && gateway.Accounts.Find(address) is { } second && second != (gateway.Accounts.Default ?? gateway.Accounts.All[0]))
            return DoctorLine.Passed($"When the first account is in trouble, {second.Address} carries the notices.");
        return gateway.Accounts.All.Count == 1
            ? DoctorLine.Warned("There is one account only: while it is in trouble, no notice can be mailed about it.",
                "The gateway's administrator adds a second account, such as a relay of the organisation, and names it under Device Management > Notices; Web Config shows the trouble in any case.")
            : DoctorLine.Warned("No second route is set: when the default account is in trouble, no notice can be mailed about it.",
                "The gateway's administrator names one of the other accounts under Device Management > Notices.");
    }

    private DoctorLine OwnCertificate()
    {
        var (certificate, now) = (gateway.Certificate.Certificate, gateway.Time.GetUtcNow());
        var (from, until) = (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
        var folder = gateway.Folder.Tls;
        var remedy = $"The gateway's administrator puts a new server.pem and server.key into {folder} and restarts the service; without both files a new pair is made.";
        if (until <= now) return DoctorLine.Failed($"The gateway's certificate ended on {Words.Date(until)}: devices that check it hand in no mail.", remedy);
        if (from > now) return DoctorLine.Failed($"The gateway's certificate begins on {Words.Date(from)} only.", $"{remedy} Or the clock is wrong: see “clock” above.");
        if (until - now < _certificateNotice) return DoctorLine.Warned($"The gateway's certificate ends on {Words.Date(until)}.", remedy);
        var issuer = certificate.Subject == certificate.Issuer ? "made by the gateway itself, so browsers warn of it" : $"issued by {certificate.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, forIssuer: true)}";
        return DoctorLine.Passed($"The gateway's certificate is good until {Words.Date(until)}, {issuer}.");
    }

    private async Task<DoctorLine> ListenersAsync(CancellationToken cancel)
    {
        var all = gateway.Listeners.All;
        if (all.Count == 0) return DoctorLine.Warned("No service runs on this folder, so nothing listens for devices.", "The machine's administrator starts it: `devicemail run`, or `systemctl start devicemail`.");
        List<string> silent = [];
        foreach (var one in all)
            if (await FaultAsync(one, cancel) is { } fault) silent.Add($"{one.Name} at {one.Address}: {fault}");
        return silent.Count == 0
            ? DoctorLine.Passed($"All answer from this machine: {string.Join(", ", all.Select(one => $"{one.Name} at {one.Address}"))}. A firewall of this machine would show only from another one.")
            : DoctorLine.Failed("The gateway takes no mail where it listens.", "A new gateway is claimed first: `devicemail claim`. Otherwise the machine's administrator restarts the service and reads its log.", string.Join('\n', silent));
    }

    private static async Task<string?> FaultAsync(Listener listener, CancellationToken cancel)
    {
        var (any, anySix) = (listener.Address.Address.Equals(IPAddress.Any), listener.Address.Address.Equals(IPAddress.IPv6Any));
        var address = any ? IPAddress.Loopback : anySix ? IPAddress.IPv6Loopback : listener.Address.Address;
        using var client = new TcpClient(address.AddressFamily);
        try
        {
            await client.ConnectAsync(address, listener.Address.Port, cancel);
            if (listener.Name != ReceivingSetup.Smtp) return null;
            using var reader = new StreamReader(client.GetStream());
            var greeting = await reader.ReadLineAsync(cancel) ?? "it closed the connection without a word.";
            return greeting.StartsWith("220", StringComparison.Ordinal) ? null : greeting;
        }
        catch (Exception fault) when (fault is SocketException or IOException)
        {
            return fault.Message;
        }
    }
}
