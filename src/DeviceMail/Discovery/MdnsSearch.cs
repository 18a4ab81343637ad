using System.Net;
using System.Net.Sockets;

namespace DeviceMail.Discovery;

/// <summary>What has been heard in one search, from all interfaces. It keeps no more than a network of people has.</summary>
internal sealed class MdnsSearch(IReadOnlyList<string> types)
{
    private const int MostServices = 200, MostHosts = 200, MostAddresses = 16, MostText = 64, MostQuestions = 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<DnsName, string> _types = types.ToDictionary(type => DnsName.Parse($"{type}.local"));
    private readonly Dictionary<DnsName, Heard> _services = [];
    private readonly Dictionary<DnsName, List<IPAddress>> _hosts = [];
    private readonly HashSet<DnsQuestion> _asked = [];

    public IReadOnlyList<DnsQuestion> Questions { get; } = [.. types.Select(type => new DnsQuestion(DnsName.Parse($"{type}.local"), DnsType.Ptr))];

    public IReadOnlyList<FoundService> Services
    {
        get
        {
            lock (_lock)
            {
                return
                [
                    .. _services.Where(one => one.Value.Host is not null).Select(one => new FoundService(one.Key.Labels[0], one.Value.Type, $"{one.Value.Host}", one.Value.Port,
                        [.. _hosts.GetValueOrDefault(one.Value.Host!, []).OrderBy(address => address.AddressFamily != AddressFamily.InterNetwork)], one.Value.Text))
                        .OrderBy(service => service.Instance, StringComparer.OrdinalIgnoreCase).ThenBy(service => service.Type, StringComparer.Ordinal),
                ];
            }
        }
    }

    /// <returns>What to ask because the message did not tell it.</returns>
    public IReadOnlyList<DnsQuestion> Hear(DnsMessage message)
    {
        lock (_lock)
        {
            // Records come in any order: what they are about comes first.
            foreach (var record in message.Records.Where(record => record.Type == DnsType.Ptr)) HearService(record);
            foreach (var record in message.Records.Where(record => record.Type is DnsType.Srv or DnsType.Txt)) HearOfService(record);
            foreach (var record in message.Records.Where(record => record.Address is not null)) HearAddress(record);
            return [.. Open().Where(question => question.Name.CanBeAsked).Where(_asked.Add).Take(MostQuestions)];
        }
    }

    private void HearService(DnsRecord record)
    {
        if (_types.TryGetValue(record.Name, out var type) && record.Target is { Labels.Count: > 0 } name && name.Parent.Equals(record.Name)
            && _services.Count < MostServices) _services.TryAdd(name, new Heard(type));
    }

    private void HearOfService(DnsRecord record)
    {
        if (!_services.TryGetValue(record.Name, out var service)) return;
        if (record.Type == DnsType.Txt) service.Text = Read(record.Strings);
        else (service.Host, service.Port) = (record.Target, record.Port);
    }

    private void HearAddress(DnsRecord record)
    {
        if (!_hosts.TryGetValue(record.Name, out var addresses))
        {
            if (_hosts.Count >= MostHosts) return;
            _hosts[record.Name] = addresses = [];
        }
        if (addresses.Count < MostAddresses && !addresses.Contains(record.Address!)) addresses.Add(record.Address!);
    }

    private IEnumerable<DnsQuestion> Open()
    {
        foreach (var (name, service) in _services)
        {
            if (service.Host is null) yield return new DnsQuestion(name, DnsType.Srv);
            else if (!_hosts.ContainsKey(service.Host)) yield return new DnsQuestion(service.Host, DnsType.A);
            if (service.Text.Count == 0) yield return new DnsQuestion(name, DnsType.Txt);
        }
    }

    /// <summary>RFC 6763 6.4: the first of a key counts; a key alone has an empty value.</summary>
    private static Dictionary<string, string> Read(IReadOnlyList<string> strings)
    {
        var text = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in strings.Take(MostText))
        {
            var key = line.Split('=', 2);
            if (key[0].Length > 0) text.TryAdd(key[0], key.Length > 1 ? key[1] : "");
        }
        return text;
    }

    private sealed class Heard(string type)
    {
        public string Type => type;

        public DnsName? Host { get; set; }

        public int Port { get; set; }

        public Dictionary<string, string> Text { get; set; } = [];
    }
}
