namespace DeviceMail.Web;

/// <summary>Who did something in Web Config, in the words of histories and of Activity.</summary>
public static class WebPerson
{
    public static string Of(HttpContext context)
    {
        var client = context.Client();
        return $"the administrator in Web Config ({(client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client)})";
    }
}
